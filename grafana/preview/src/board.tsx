import { useEffect, useState } from 'react';
import { Drawn } from './drawn';

const WIDTH = 1600;
const CELL = { width: WIDTH / 24, height: 38 };
const GAP = 8;

/** A dashboard as Grafana lays it out; `data-state` says when all of its panels are there. */
export function Board({ dashboard, times, rows, theme }) {
  const panels = laidOut(dashboard.panels, rows);
  const [done, setDone] = useState(0);
  const height = Math.max(...panels.map(({ gridPos: { y, h } }) => (y + h) * CELL.height)) + 56;
  useEffect(() => {
    document.body.style.background = theme.colors.background.canvas;
  }, [theme]);
  return (
    <div
      data-state={done >= panels.filter(({ type }) => type !== 'row').length ? 'drawn' : 'drawing'}
      style={{ position: 'relative', width: WIDTH + 2 * GAP, height, color: theme.colors.text.primary }}
    >
      <h1 style={{ ...theme.typography.h3, margin: 0, padding: '12px 16px' }}>{dashboard.title}</h1>
      {panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos;
        const size = { width: w * CELL.width - GAP, height: h * CELL.height - GAP };
        const place = { position: 'absolute', left: x * CELL.width + GAP, top: y * CELL.height + 50, ...size };
        return (
          <div key={panel.id} style={place} data-panel={panel.title}>
            {panel.type === 'row' ? (
              <h4 style={{ margin: 0, paddingTop: 4 }}>{panel.title}</h4>
            ) : (
              <Drawn panel={panel} times={times} theme={theme} {...size} onDone={() => setDone((count) => count + 1)} />
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Rows opened, with what comes after them moved down; or left out. */
function laidOut(panels, open: boolean) {
  if (!open) return panels.filter(({ type }) => type !== 'row');
  return panels.flatMap((panel) => (panel.type === 'row' ? [panel, ...panel.panels] : [panel]));
}
