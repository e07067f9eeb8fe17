import { randomUUID } from 'node:crypto';
import { getContainerRuntimeClient } from 'testcontainers';

/** A named volume. */
export interface Volume {
  readonly name: string;
  /** Where the host has it: only root may look. */
  readonly path: string;
  /** When no container has it any more. */
  remove(): Promise<void>;
}

export async function createVolume(): Promise<Volume> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const name = `tenstorrent-exporter-test-${randomUUID()}`;
  await dockerode.createVolume({ Name: name });
  const volume = dockerode.getVolume(name);
  const { Mountpoint: path } = await volume.inspect();
  return {
    name,
    path,
    remove: async () => {
      await volume.remove({ force: true });
    },
  };
}
