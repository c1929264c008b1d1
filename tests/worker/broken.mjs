throw new TypeError("broken");
