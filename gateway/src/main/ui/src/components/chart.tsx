import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { useSignal } from '../lib/signal';
import { colour, dark } from '../lib/theme';

export interface Series {
  label: string;
  colour: string;
}

interface Props {
  title: string;
  series: Series[];
  /** Seconds since the epoch, then the values of each series. */
  data: number[][];
  format: (value: number) => string;
  /** Of the last values, for those who do not see the picture. */
  summary: string;
}

const HEIGHT = 160;

/** A chart over time that follows its data. */
export function Chart({ title, series, data, format, summary }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  latest.current = data;
  const isDark = useSignal(dark);

  useEffect(() => {
    let ended = false;
    let observer: ResizeObserver | null = null;
    void import('uplot').then(({ default: UPlot }) => {
      const element = holder.current;
      if (ended || !element) return;
      const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
      const made = new UPlot(
        {
          width: Math.max(120, element.clientWidth),
          height: HEIGHT,
          legend: { show: false },
          cursor: { y: false, drag: { x: false, y: false } },
          padding: [8, 8, 0, 0],
          scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.15 : 1] } },
          axes: [
            { ...axis, space: 70, size: 28, values: '{HH}:{mm}:{ss}' },
            { ...axis, size: 68, values: (_, values) => values.map(format) },
          ],
          series: [
            {},
            ...series.map((each) => ({
              label: each.label,
              stroke: colour(each.colour),
              width: 2,
              fill: series.length === 1 ? colour(each.colour) + '22' : undefined,
              points: { show: false },
            })),
          ],
        },
        latest.current as unknown as uPlot.AlignedData,
        element,
      );
      plot.current = made;
      observer = new ResizeObserver(() => made.setSize({ width: Math.max(120, element.clientWidth), height: HEIGHT }));
      observer.observe(element);
    });
    return () => {
      ended = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [isDark]);

  useEffect(() => {
    plot.current?.setData(data as unknown as uPlot.AlignedData);
  }, [data]);

  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-legend">
          {series.map((each) => (
            <span key={each.label} class={`legend legend-${each.colour}`}>
              {each.label}
            </span>
          ))}
        </span>
        <span class="chart-now">{summary}</span>
      </figcaption>
      <div ref={holder} class="chart-area" role="img" aria-label={`${title}: ${summary}`} />
    </figure>
  );
}

/** The last values as a small line; the number beside it says the same. */
export function Sparkline({ values, max }: { values: number[]; max?: number }) {
  const width = 72;
  const height = 20;
  const top = Math.max(max ?? 0, ...values, 1e-9);
  const points = values.map((value, i) => `${((i / Math.max(1, values.length - 1)) * width).toFixed(1)},${(height - 1 - (value / top) * (height - 2)).toFixed(1)}`);
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      {points.length > 1 && <polyline points={points.join(' ')} />}
    </svg>
  );
}
