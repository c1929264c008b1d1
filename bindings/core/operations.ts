/**
 * The operations as rules see them. Rules do not import operations, since `sum` needs `expand` and `expand` needs `sum`;
 * they receive this object. The table of primitives fills it and declares its type: see primitives/table.ts.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- declared by augmentation, on the floor above.
export interface Operations {}

/** Filled when the table of primitives is loaded, before any rule can run. */
export const operations = {} as Operations;
