// Rounding, one class an operation, as in ./arithmetic.

@unmanaged
export class Floor {

  @inline apply<T>(x: v128): v128 {
    return v128.floor<T>(x);
  }
}


@unmanaged
export class Ceil {

  @inline apply<T>(x: v128): v128 {
    return v128.ceil<T>(x);
  }
}


@unmanaged
export class Round {

  @inline apply<T>(x: v128): v128 {
    return v128.nearest<T>(x);
  }
}


@unmanaged
export class Trunc {

  @inline apply<T>(x: v128): v128 {
    return v128.trunc<T>(x);
  }
}
