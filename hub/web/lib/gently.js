// Doing something again whenever it is asked for, but not without rest.

/**
 * At once the first time; what is asked for soon afterwards is done together once the pause is over.
 *
 * @param {() => unknown} work
 * @param {number} [pause] milliseconds
 * @param {{ now: () => number, after: (ms: number, run: () => void) => unknown }} [clock]
 */
export function gently(work, pause = 1000, clock = { now: Date.now, after: (ms, run) => setTimeout(run, ms) }) {
  let last = -Infinity;
  let waits = false;
  const run = () => {
    waits = false;
    last = clock.now();
    void work();
  };
  return () => {
    if (waits) return;
    const rest = last + pause - clock.now();
    if (rest <= 0) {
      run();
      return;
    }
    waits = true;
    clock.after(rest, run);
  };
}
