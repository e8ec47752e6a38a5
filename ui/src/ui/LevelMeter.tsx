import { useLayoutEffect, useRef } from 'react';

const WEIGHTS = [0.55, 0.85, 1, 0.75, 0.5];

type Props = {
  /** 0 to 1. */
  level: number;
  side?: 'user' | 'assistant';
};

/** Five bars; decoration beside the status in words. */
export function LevelMeter({ level, side = 'user' }: Props) {
  const bars = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    bars.current?.childNodes.forEach((bar, index) => {
      const height = Math.min(1, 0.16 + level * 1.6 * (WEIGHTS[index] ?? 1));
      (bar as HTMLElement).style.setProperty('--level', height.toFixed(2));
    });
  }, [level]);
  return (
    <span ref={bars} className="meter" data-side={side} aria-hidden="true">
      {WEIGHTS.map((weight) => (
        <i key={weight} />
      ))}
    </span>
  );
}
