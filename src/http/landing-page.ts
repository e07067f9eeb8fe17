export interface LandingPageOptions {
  readonly version: string;
  readonly telemetryPath: string;
  /** undefined: there is no such page. */
  readonly otelPath?: string | undefined;
}

/** The page at `/`: one file, nothing is loaded from anywhere. */
export function landingPage({ version, telemetryPath, otelPath }: LandingPageOptions): string {
  const path = escapeHtml(telemetryPath);
  const otel =
    otelPath === undefined ? '' : `\n<li><a href="${escapeHtml(otelPath)}">Metrics with OpenTelemetry's names</a></li>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>tenstorrent-exporter</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
</style>
</head>
<body>
<h1>tenstorrent-exporter</h1>
<p>Device memory of every process and telemetry of every Tenstorrent chip of this host, for Prometheus.</p>
<p>Version ${escapeHtml(version)}</p>
<ul>
<li><a href="${path}">Metrics</a></li>${otel}
<li><a href="/-/healthy">Health</a></li>
<li><a href="/-/ready">Readiness</a></li>
</ul>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
