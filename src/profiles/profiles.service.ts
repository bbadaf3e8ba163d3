import { Injectable } from '@nestjs/common';
import { Problem } from '../common/problem.js';
import { profileCodec } from './profile.js';
import { profileSummaryCodec, summarise } from './profile-summary.js';
import { ProfilesRepository } from './profiles.repository.js';

/** What the profiles' endpoints answer. */
@Injectable()
export class ProfilesService {
  constructor(private readonly profiles: ProfilesRepository) {}

  async list(): Promise<{ profiles: unknown[] }> {
    const profiles = await this.profiles.list();
    return { profiles: profiles.map((profile) => profileSummaryCodec.encode(summarise(profile))) };
  }

  /** @throws Problem 404 */
  async get(machineId: string, architecture: string): Promise<unknown> {
    const profile = await this.profiles.find(machineId, architecture);
    if (profile === null) {
      throw new Problem('not-found', 404, 'Nothing was measured of this architecture on this machine.');
    }
    return profileCodec.encode(profile);
  }
}
