import { dateTime, getDisplayProcessor, getFieldDisplayValues, FieldType } from '@grafana/data';
import { BigValue, PanelChrome, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useEffect, useState } from 'react';
import { dress } from './fields';
import { ask } from './prometheus';

/** One panel with its frame, once Prometheus has answered. */
export function Drawn({ panel, times, theme, width, height, onDone }) {
  const [state, setState] = useState(undefined);
  useEffect(() => {
    ask(panel, times)
      .then((frames) => dress(panel, frames, theme))
      .then(
        (frames) => setState({ frames }),
        (error) => setState({ error: String(error) }),
      )
      .then(onDone);
  }, []);
  return (
    <PanelChrome title={panel.title} description={panel.description} width={width} height={height}>
      {(innerWidth, innerHeight) => {
        if (state === undefined) return null;
        if (state.error !== undefined) return <pre data-wrong>{state.error}</pre>;
        const size = { width: innerWidth, height: innerHeight };
        if (panel.type === 'stat') return <Stat {...{ panel, theme, size, frames: state.frames }} />;
        if (state.frames.every(({ length }) => length === 0)) {
          return <div data-empty>{panel.fieldConfig.defaults.noValue || 'No data'}</div>;
        }
        return panel.type === 'table' ? (
          <Rows {...{ panel, size, frame: state.frames[0] }} />
        ) : (
          <Lines {...{ panel, times, size, frames: state.frames }} />
        );
      }}
    </PanelChrome>
  );
}

function Stat({ panel, theme, size, frames }) {
  const [shown] = getFieldDisplayValues({
    fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions,
    replaceVariables: (text) => text,
    data: frames,
    theme,
    sparkline: panel.options.graphMode === 'area',
  });
  const field = { type: FieldType.number, config: panel.fieldConfig.defaults, values: [], name: '' };
  const none = { ...getDisplayProcessor({ field, theme })(null), text: panel.fieldConfig.defaults.noValue ?? '' };
  const found = shown?.display.text ? shown : undefined;
  return (
    <div data-empty={found === undefined ? true : undefined}>
      <BigValue
        {...size}
        theme={theme}
        value={found?.display ?? none}
        sparkline={found?.sparkline}
        colorMode={panel.options.colorMode}
        graphMode={panel.options.graphMode}
        justifyMode={panel.options.justifyMode}
        textMode={panel.options.textMode}
      />
    </div>
  );
}

function Rows({ panel, size, frame }) {
  const [sort] = panel.options.sortBy ?? [];
  return (
    <TableNG
      {...size}
      data={frame}
      cellHeight={panel.options.cellHeight}
      sortBy={sort === undefined ? [] : [sort]}
      noHeader={false}
      enableSharedCrosshair={false}
      fieldConfig={panel.fieldConfig}
      getActions={() => []}
      transparent={false}
      structureRev={1}
    />
  );
}

function Lines({ panel, times, size, frames }) {
  const range = { from: dateTime((times.to - times.seconds) * 1000), to: dateTime(times.to * 1000) };
  return (
    <TimeSeries
      {...size}
      frames={frames}
      timeRange={{ ...range, raw: range }}
      timeZone="utc"
      legend={panel.options.legend}
      options={panel.options}
    />
  );
}
