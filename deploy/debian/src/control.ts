import type { Architecture } from './node-runtime.ts';
import type { Release } from './man-page.ts';

const NAME = 'tenstorrent-exporter';

export interface PackageFacts extends Release {
  readonly architecture: Architecture;
  /** `name <address>` */
  readonly maintainer: string;
  readonly installedBytes: number;
}

/** The file DEBIAN/control. */
export function controlFile({ version, architecture, maintainer, installedBytes }: PackageFacts): string {
  return `Package: ${NAME}
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${Math.ceil(installedBytes / 1024)}
Depends: libc6 (>= 2.28), libgcc-s1 (>= 4.2), libstdc++6 (>= 10), init-system-helpers (>= 1.54~), systemd | systemd-standalone-sysusers | systemd-sysusers
Section: net
Priority: optional
Description: Prometheus exporter for Tenstorrent accelerators
 It says who holds device memory, what has leaked, and how the chips are: memory
 of every process on every chip, capacity, temperature, power, clocks, PCIe and
 firmware. It never opens a device.
 .
 The package has the exporter, the commands smi, top and check, and
 tt-allocation-server, to which instrumented applications report. It brings the
 Node.js that they run on.
`;
}

/** The file changelog, in Debian's format. */
export function changelog({
  version,
  date,
  maintainer,
}: Omit<PackageFacts, 'architecture' | 'installedBytes'>): string {
  const when = date.toUTCString().replace('GMT', '+0000');
  return `${NAME} (${version}) unstable; urgency=medium

  * Version ${version}: see CHANGELOG.md of the project.

 -- ${maintainer}  ${when}
`;
}
