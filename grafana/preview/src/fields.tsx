import { getDisplayProcessor, getFieldDisplayName, transformDataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';

/** The frames after the panel's transformations, with its defaults and overrides on every field. */
export async function dress(panel, frames, theme) {
  const transformed = await lastValueFrom(transformDataFrame(panel.transformations ?? [], frames));
  for (const frame of transformed) {
    for (const field of frame.fields) {
      const name = getFieldDisplayName(field, frame, transformed);
      field.config = { ...structuredClone(panel.fieldConfig.defaults), ...field.config };
      if (field.type === 'time') field.config = { custom: field.config.custom };
      field.config.custom = { ...panel.fieldConfig.defaults.custom };
      for (const { matcher, properties } of panel.fieldConfig.overrides ?? []) {
        if (matches(matcher, name)) for (const { id, value } of properties) put(field.config, id, value);
      }
      field.display = getDisplayProcessor({ field, theme });
      const numbers = field.values.filter((value) => Number.isFinite(value));
      const range = { min: Math.min(...numbers), max: Math.max(...numbers) };
      field.state = { displayName: name, range: { ...range, delta: range.max - range.min } };
    }
  }
  return transformed;
}

function matches({ id, options }, name: string): boolean {
  if (id === 'byName') return name === options;
  const [, pattern, flags] = /^\/(.*)\/(\w*)$/u.exec(options) ?? [undefined, options, ''];
  return id === 'byRegexp' && new RegExp(pattern, flags).test(name);
}

/** `custom.lineStyle` goes into the object `custom`. */
function put(config, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let object = config;
  for (const key of keys) object = object[key] ??= {};
  object[last] = value;
}
