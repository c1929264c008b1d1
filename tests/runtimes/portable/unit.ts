// One file of tests, run to its end in whatever runtime this is.
import { configure, type ConfigureOptions } from "../../../bindings/index.js";
import { startTests, type Task, type VitestRunner } from "@vitest/runner";

/** What became of a file of tests: how many passed, and the name and error of each that failed. */
export interface Tally {
  readonly passed: number;
  readonly failures: readonly string[];
}

/** Runs the tests of a module that lies beside this one. */
export default async function unit(options: { test: string; settings?: ConfigureOptions }): Promise<Tally> {
  const { test, settings = {} } = options;
  configure(settings);
  const files = await startTests(
    [test],
    runnerOf(() => import(new URL(`${test}.js`, import.meta.url).href)),
  );
  const tests = files.flatMap(testsOf);
  const failed = [...files, ...tests].filter(({ result }) => result?.errors?.length);
  return {
    passed: tests.filter(({ result }) => result?.state === "pass").length,
    failures: failed.map((task) => `${nameOf(task)}: ${task.result?.errors?.[0]?.message ?? "no reason"}`),
  };
}

function testsOf(task: Task): Task[] {
  return task.type === "suite" ? task.tasks.flatMap(testsOf) : [task];
}

function nameOf(task: Task): string {
  return task.suite ? `${nameOf(task.suite)} > ${task.name}` : task.name;
}

function runnerOf(importFile: () => Promise<unknown>): VitestRunner {
  return {
    importFile,
    config: {
      root: "/",
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: 1, hooks: "stack", setupFiles: "list" },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: 120_000,
      hookTimeout: 120_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
  };
}
