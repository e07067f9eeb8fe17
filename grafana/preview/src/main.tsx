import { createTheme, standardTransformers, standardTransformersRegistry, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { Board } from './board';

const files = import.meta.glob('../../dashboards/*.json', { eager: true, import: 'default' });
const asked = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: asked.get('theme') === 'light' ? 'light' : 'dark' } });
const now = Number(asked.get('to') ?? Date.now() / 1000);

standardTransformersRegistry.setInit(() =>
  [
    standardTransformers.mergeTransformer,
    standardTransformers.filterFieldsByNameTransformer,
    standardTransformers.organizeFieldsTransformer,
  ].map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation: () => Promise.resolve(transformation),
    editor: () => null,
    imageDark: '',
    imageLight: '',
  })),
);

createRoot(document.getElementById('root')).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <Board
      dashboard={files[`../../dashboards/${asked.get('dashboard') ?? 'fleet'}.json`]}
      times={{
        to: now,
        seconds: Number(asked.get('seconds') ?? 300),
        step: Number(asked.get('step') ?? 2),
        window: asked.get('window') ?? '30s',
        rateInterval: asked.get('rateInterval') ?? '12s',
      }}
      rows={asked.get('rows') === 'open'}
      theme={theme}
    />
  </ThemeContext.Provider>,
);
