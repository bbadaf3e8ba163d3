import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSafeName } from './safe-name.js';

const EXTENSION = '.json';
const SET_ASIDE = /\.json\.unreadable-[^/]+$/;

/** Where a profile lies, or would lie. */
export interface ProfileFile {
  readonly path: string;
  /** Below the folder of profiles. */
  readonly name: string;
  readonly machineId: string;
  readonly architecture: string;
}

/** `<machine>/<architecture>.json` in a folder: the paths, not the content. */
export class ProfileFolder {
  constructor(readonly path: string) {}

  /** Null for names that no profile can have; so nothing outside the folder is ever named. */
  fileOf(machineId: string, architecture: string): ProfileFile | null {
    if (!isSafeName(machineId) || !isSafeName(architecture)) return null;
    const name = `${machineId}/${architecture}${EXTENSION}`;
    return { path: join(this.path, machineId, `${architecture}${EXTENSION}`), name, machineId, architecture };
  }

  async files(): Promise<ProfileFile[]> {
    const entries = await this.entries();
    return entries.flatMap(({ machineId, name }) => this.fileNamed(machineId, name));
  }

  /** Those of one machine; null where there may be others: what was set aside, or what cannot be looked for now. */
  async allFilesOf(machineId: string): Promise<ProfileFile[] | null> {
    try {
      const names = await readdir(join(this.path, machineId));
      return names.some((name) => SET_ASIDE.test(name))
        ? null
        : names.flatMap((name) => this.fileNamed(machineId, name));
    } catch {
      return null;
    }
  }

  /** Names, below the folder, of files that were renamed since they were no profiles. */
  async setAside(): Promise<string[]> {
    const entries = await this.entries();
    return entries.filter(({ name }) => SET_ASIDE.test(name)).map(({ machineId, name }) => `${machineId}/${name}`);
  }

  /** Those that have a folder. */
  async machines(): Promise<string[]> {
    return (await namesIn(this.path)).filter(isSafeName);
  }

  private fileNamed(machineId: string, name: string): ProfileFile | [] {
    return name.endsWith(EXTENSION) ? (this.fileOf(machineId, name.slice(0, -EXTENSION.length)) ?? []) : [];
  }

  private async entries(): Promise<{ readonly machineId: string; readonly name: string }[]> {
    const machines = await this.machines();
    const entries = await Promise.all(
      machines.map(async (machineId) =>
        (await namesIn(join(this.path, machineId))).map((name) => ({ machineId, name })),
      ),
    );
    return entries.flat();
  }
}

/** A name under which what was at a path can be kept. */
export function asidePath(path: string, why: 'unreadable' | 'adopted'): string {
  return `${path}.${why}-${new Date().toISOString().replaceAll(':', '')}`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    // No folder, or none that can be looked into: whether profiles can be written is told by itself.
    return [];
  }
}
