import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that any runner can read. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests()].length === 0,
    );
    const failed = tests.filter((test) => test.result().state === 'failed').length + broken.length;
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  }
}
