import { ValueError } from "../errors.js";

/** Refuses sizes of layers that are not whole, or below 1. */
export function checkUnits(operation: string, ...units: number[]): void {
  for (const unit of units) {
    if (!Number.isInteger(unit) || unit < 1) throw new ValueError(operation, "whole sizes from 1 on", String(unit));
  }
}
