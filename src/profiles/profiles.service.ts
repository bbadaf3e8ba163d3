import { Injectable } from '@nestjs/common';
import { invalidRequest, Problem } from '../common/problem.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { CompareProfilesQuery } from './compare-profiles.query.js';
import { importOutcomeCodec } from './import-outcome.js';
import { compare, comparisonCodec, type Side } from './profile-comparison.js';
import { profileDocument } from './profile-document.js';
import { notAProfile, withProfileProblems } from './profile-problems.js';
import { profilePath, profileSummaryCodec, summarise, unreadableCodec } from './profile-summary.js';
import { ProfileUpkeepService } from './profile-upkeep.service.js';
import { decodeProfile, type Profile } from './profile.js';
import { ProfilesRepository } from './profiles.repository.js';

/** What the profiles' endpoints answer. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly profiles: ProfilesRepository,
    private readonly upkeep: ProfileUpkeepService,
    private readonly hardware: HardwareService,
  ) {}

  async list(): Promise<{ profiles: unknown[]; unreadable: unknown[] }> {
    const { profiles, unreadable } = await this.profiles.list();
    const here = await this.hardware.machine();
    return {
      profiles: profiles.map((profile) => profileSummaryCodec.encode(summarise(profile, here))),
      unreadable: unreadable.map((file) => unreadableCodec.encode(file)),
    };
  }

  /** @throws Problem 404; 500 for a file that cannot be read */
  async get(machineId: string, architecture: string): Promise<unknown> {
    const profile = await this.existing(machineId, architecture);
    return profileDocument(profile, await this.hardware.machine());
  }

  /** The file as it is. @throws Problem 404 */
  async export(machineId: string, architecture: string): Promise<Buffer> {
    const content = await withProfileProblems(this.profiles.content(machineId, architecture));
    if (content === null) throw noProfile();
    return Buffer.from(content);
  }

  /** @throws Problem 422 for what is no profile; 500, 503 or 507 where it cannot be kept */
  async import(body: unknown): Promise<unknown> {
    let given: Profile;
    try {
      given = decodeProfile(body, 'profile');
    } catch (error) {
      throw notAProfile(error);
    }
    const { profile, outcome } = await withProfileProblems(this.upkeep.takeIn(given));
    const { machine, architecture } = profile;
    return importOutcomeCodec.encode({
      machine: machine.id,
      architecture,
      href: profilePath(machine.id, architecture),
      ...outcome,
    });
  }

  /** @throws Problem 404; 500, 503 or 507 where it cannot be removed */
  async remove(machineId: string, architecture: string): Promise<void> {
    if (!(await withProfileProblems(this.profiles.remove(machineId, architecture)))) throw noProfile();
  }

  /** @throws Problem 404; 500, 503 or 507 where it cannot be removed */
  async removeMeasurement(machineId: string, architecture: string, id: string): Promise<void> {
    if (!(await withProfileProblems(this.profiles.removeMeasurement(machineId, architecture, id)))) {
      throw new Problem('not-found', 404, 'There is no measurement of this id in a profile of this machine.');
    }
  }

  /** @throws Problem 404; 422 for what cannot be compared */
  async compare(query: CompareProfilesQuery): Promise<unknown> {
    const [left, right] = await Promise.all([this.side(query.left, 'left'), this.side(query.right, 'right')]);
    const comparison = compare(left, right);
    if (comparison.workloads.length === 0) {
      const detail =
        'has no workload in common with left: times of different work say nothing about each other. Batch and image ' +
        'size, options, counts, threads and monitoring belong to the workload.';
      throw invalidRequest([{ parameter: 'right', detail }]);
    }
    return comparisonCodec.encode(comparison);
  }

  private async side(reference: string, parameter: string): Promise<Side> {
    const [machine = '', architecture = '', id, ...more] = reference.split('/');
    if (architecture === '' || more.length > 0) {
      const detail = `must be "machine/architecture" or "machine/architecture/measurement", but is "${reference}".`;
      throw invalidRequest([{ parameter, detail }]);
    }
    const { measurements } = await this.existing(machine, architecture);
    const chosen = id === undefined ? measurements : measurements.filter((one) => one.id === id);
    if (chosen.length === 0) {
      throw new Problem('not-found', 404, `There is no measurement ${reference}.`);
    }
    return { machine, architecture, measurements: chosen };
  }

  private async existing(machineId: string, architecture: string): Promise<Profile> {
    const profile = await withProfileProblems(this.profiles.find(machineId, architecture));
    if (profile === null) throw noProfile();
    return profile;
  }
}

function noProfile(): Problem {
  return new Problem('not-found', 404, 'Nothing was measured of this architecture on this machine.');
}
