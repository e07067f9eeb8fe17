import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { getContainerRuntimeClient } from 'testcontainers';
import { LABEL, ownerLabel } from '../../support/docker/owner.ts';

export interface Finished {
  readonly code: number;
  /** stdout and stderr. */
  readonly output: string;
}

/** Runs an image's program, or another one of it, to its end. */
export async function runOnce(image: string, args: readonly string[], program?: string): Promise<Finished> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const container = await dockerode.createContainer({
    Image: image,
    Cmd: [...args],
    ...(program === undefined ? {} : { Entrypoint: [program] }),
    Labels: { [LABEL]: ownerLabel() },
    // As a terminal, whose two streams are one.
    Tty: true,
    HostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'], NetworkMode: 'none' },
  });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const output = text(stream);
    await container.start();
    const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
    return { code, output: (await output).replaceAll('\r\n', '\n') };
  } finally {
    await container.remove({ force: true });
  }
}

/** The paths of all files and links in an image, without the first slash. */
export async function filesOf(image: string): Promise<string[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const container = await dockerode.createContainer({ Image: image, Labels: { [LABEL]: ownerLabel() } });
  try {
    const tar = spawn('tar', ['--list'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [names] = await Promise.all([text(tar.stdout), pipeline(await container.export(), tar.stdin)]);
    return names.split('\n').filter((name) => name !== '' && !name.endsWith('/'));
  } finally {
    await container.remove({ force: true });
  }
}
