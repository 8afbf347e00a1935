import { FileSource } from '../../../edge/sources/file-source.ts';

// Run by a test as a process of its own.
const source = new FileSource('-');
let packets = 0;
await source.run(
  () => packets++,
  () => new Promise<void>((resolve) => setImmediate(resolve)),
  new AbortController().signal,
);
console.log(`${packets} packets from ${source.name}`);
