/** What the edge takes from its host now, each as a share of its ceiling: 1 is at the ceiling. */
export interface Load {
  readonly cpu: number;
  readonly memory: number;
  readonly spool: number;
}

/** Shares of the connections that are left out, level by level. */
const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1] as const;
/** Ticks (seconds) above a ceiling before the first step, and between steps: what was shed must show first. */
const TICKS_TO_STEP = 3;
/** So far above a ceiling every tick is a step. */
const SEVERE = 1.25;
/** Below this share of every ceiling, for so many ticks, a level is given back: less than that would swing. */
const CALM = 0.8;
const TICKS_TO_FALL = 30;

/**
 * Decides how much of the traffic is shed to stay below the ceilings. Above one it takes steps by turns: first new connections
 * of the next level, then open ones of that level. Pure: one call of `tick` a second.
 */
export class Guard {
  private level = 0;
  private hasShedOpen = true;
  private ticksAbove = 0;
  private ticksCalm = 0;

  /** Share of the connections to leave out. */
  get share(): number {
    return SHARES[this.level]!;
  }

  /** @returns Whether open connections of the present share are to be shed now. */
  tick(load: Load): boolean {
    const highest = Math.max(load.cpu, load.memory, load.spool);
    this.ticksCalm = highest < CALM ? this.ticksCalm + 1 : 0;
    this.ticksAbove = highest > 1 ? this.ticksAbove + 1 : 0;
    if (this.ticksCalm >= TICKS_TO_FALL) {
      this.ticksCalm = 0;
      this.level = Math.max(0, this.level - 1);
      this.hasShedOpen = true;
    }
    if (highest <= SEVERE && this.ticksAbove < TICKS_TO_STEP) return false;
    this.ticksAbove = 0;
    if (!this.hasShedOpen) {
      this.hasShedOpen = true;
      return true;
    }
    if (this.level < SHARES.length - 1) {
      this.level++;
      this.hasShedOpen = false;
      return false;
    }
    // Everything is shed already; what opened before that level may still be open.
    return true;
  }
}
