import { useLayoutEffect, useRef } from 'react';

const WEIGHTS = [0.55, 0.85, 1, 0.75, 0.5];

/** Five bars; decoration beside the status in words. `level` is 0 to 1. */
export function LevelMeter({ level }: { level: number }) {
  const bars = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    bars.current?.childNodes.forEach((bar, index) => {
      const height = Math.min(1, 0.16 + level * 1.6 * (WEIGHTS[index] ?? 1));
      (bar as HTMLElement).style.setProperty('--level', height.toFixed(2));
    });
  }, [level]);
  return (
    <span ref={bars} className="meter" aria-hidden="true">
      {WEIGHTS.map((weight) => (
        <i key={weight} />
      ))}
    </span>
  );
}
