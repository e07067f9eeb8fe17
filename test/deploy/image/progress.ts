import type { ContainerRuntimeClient } from 'testcontainers';

export type Dockerode = ContainerRuntimeClient['container']['dockerode'];

interface Step {
  readonly stream?: string;
}

/** Waits for the end of what the engine reports on line by line, and gives what it said. Throws its last words. */
export function followed(dockerode: Dockerode, progress: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    dockerode.modem.followProgress(
      progress,
      (error) => {
        if (error === null) resolve(said);
        else reject(new Error(`${error.message}\n${said.slice(-4000)}`));
      },
      (step: Step) => {
        said += step.stream ?? '';
      },
    );
  });
}
