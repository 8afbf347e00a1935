import { startService } from '../../runtime/service.ts';

/**
 * A service for the tests of its end. It says `working` on standard output, and does on a stop what its argument says: `drain`
 * ends after a moment, `hang` never ends, `throw` and `reject` fail by themselves.
 */
const [behaviour, deadlineMs] = process.argv.slice(2);
const service = await startService({
  name: 'edge',
  logLevel: 'info',
  http: { host: '127.0.0.1', port: 0 },
  shutdownDeadlineMs: Number(deadlineMs),
});
process.stdout.write(`working on ${service.port}\n`);
if (behaviour === 'throw') setTimeout(() => JSON.parse('{"password": hunter2'), 1);
if (behaviour === 'reject') void Promise.reject(new TypeError('x is not a function'));
if (behaviour === 'stop') service.stop('the files are read');
await new Promise<void>((resolve) => {
  if (service.stopSignal.aborted) resolve();
  service.stopSignal.addEventListener('abort', () => resolve());
});
process.stdout.write('stopping\n');
if (behaviour === 'hang') await new Promise(() => {});
await service.end();
process.stdout.write('drained\n');
