import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAlertmanagerConfig } from './alertmanager-config.ts';
import type { FiringAlert } from './evaluate.ts';
import { notificationsOf } from './notifications.ts';

const CONFIG = parseAlertmanagerConfig(`
route:
  receiver: nobody
  group_by: [instance, alertname]
  group_wait: 30s
  group_interval: 5m
  routes:
    - receiver: tickets
      matchers: ['severity=~"warning|critical"', 'alertname!="Ignored"']
receivers:
  - name: nobody
  - name: tickets
    webhook_configs: [{ url: 'http://example.com' }]
inhibit_rules:
  - source_matchers: ['alertname="Down"']
    target_matchers: ['alertname!="Down"']
    equal: [instance]
`);

function alert(alertname: string, from: number, until: number, labels: Record<string, string> = {}): FiringAlert {
  return { from, until, labels: { alertname, instance: 'a', severity: 'warning', ...labels } };
}

describe('notificationsOf', () => {
  it('sends a group after its wait, and again at its interval when there is a new alert', () => {
    const first = alert('Leak', 0, 9000, { pid: '1' });
    const second = alert('Leak', 40, 9000, { pid: '2' });
    assert.deepEqual(notificationsOf([first, second], CONFIG), [
      { at: 30, silent: false, fresh: [first] },
      { at: 330, silent: false, fresh: [second] },
    ]);
  });

  it('sends nothing of an alert that is over before the group is looked at', () => {
    assert.deepEqual(notificationsOf([alert('Leak', 0, 20)], CONFIG), []);
  });

  it('begins an empty group anew', () => {
    const first = alert('Leak', 0, 100);
    const later = alert('Leak', 5000, 6000);
    assert.deepEqual(
      notificationsOf([first, later], CONFIG).map(({ at }) => at),
      [30, 5030],
    );
  });

  it('keeps silent while another alert of the same instance inhibits it, and sends it then if it still fires', () => {
    const down = alert('Down', 0, 400);
    const leak = alert('Leak', 0, 9000);
    const elsewhere = alert('Leak', 0, 9000, { instance: 'b' });
    assert.deepEqual(notificationsOf([down, leak, elsewhere], CONFIG), [
      { at: 30, silent: false, fresh: [down] },
      { at: 30, silent: false, fresh: [elsewhere] },
      { at: 630, silent: false, fresh: [leak] },
    ]);
  });

  it('says what goes to a receiver that sends nothing', () => {
    const info = alert('Leak', 0, 9000, { severity: 'info' });
    const ignored = alert('Ignored', 0, 9000);
    assert.deepEqual(
      notificationsOf([info, ignored], CONFIG).map(({ silent }) => silent),
      [true, true],
    );
  });
});
