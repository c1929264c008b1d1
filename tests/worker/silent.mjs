// A module that exposes nothing.
export {};
