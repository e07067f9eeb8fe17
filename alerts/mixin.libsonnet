// The rules for those who compose mixins. rules.json has the same groups as the rule files: not every Jsonnet reads YAML.
local rules = import 'rules.json';
{
  // The alerts, with the recording rules that they rest on: a group has to stay whole.
  prometheusAlerts+: {
    groups+: rules.memory + rules.devices + rules.monitoring,
  },
  prometheusRules+: {
    groups+: rules['long-term'],
  },
}
