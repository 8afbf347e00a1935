import { readFileSync } from 'node:fs';

/** The kernel's clock ticks a second (USER_HZ): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** CPU is looked at over this many samples, a second apart: a burst of a second is no reason to shed. */
const WINDOW = 5;

/** What this process and the children that capture for it use. Where /proc is missing, the children are not counted. */
export class HostUsage {
  private readonly samples: { readonly cpuSeconds: number; readonly atMs: number }[] = [];

  /** To be called once a second. @returns Cores used in the last seconds, 0 at first; and memory of this process in bytes. */
  sample(nowMs: number): { cpuCores: number; memoryBytes: number } {
    const { user, system } = process.cpuUsage();
    const newest = { cpuSeconds: (user + system) / 1e6 + childrenCpuSeconds(), atMs: nowMs };
    const oldest = this.samples[0] ?? newest;
    this.samples.push(newest);
    if (this.samples.length > WINDOW) this.samples.shift();
    const seconds = (newest.atMs - oldest.atMs) / 1000;
    // A child that ended takes its time with it.
    const cpuCores = seconds > 0 ? Math.max(0, newest.cpuSeconds - oldest.cpuSeconds) / seconds : 0;
    return { cpuCores, memoryBytes: process.memoryUsage.rss() };
  }
}

function childrenCpuSeconds(): number {
  let seconds = 0;
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    for (const pid of children.split(' ')) {
      if (pid.trim() === '') continue;
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      seconds += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    }
  } catch {
    // A child ended in between, or there is no /proc.
  }
  return seconds;
}
