/**
 * node totals.mjs FAILED_STEPS UNIT_JSON SERVERS_JSON: prints the totals of both test runs on one line and ends with 1
 * when a test or a step failed, a report is missing, or a server test was skipped.
 */
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps, unitReport, serversReport] = process.argv.slice(2);
const unit = totals(unitReport);
const servers = totals(serversReport);
const passed = unit.passed + servers.passed;
const skipped = unit.skipped + servers.skipped;
let failed = unit.failed + servers.failed;
if (servers.skipped > 0) console.log(`${servers.skipped} server tests were skipped: that counts as failed here`);
// A step can fail with every test green: the build, the linter, the demo.
if (failed === 0) failed = Number(failedSteps) + (servers.skipped > 0 ? 1 : 0);

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function totals(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that does not load has no tests to count.
  const broken = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length + (report.numTotalTests === 0 ? 1 : 0),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
