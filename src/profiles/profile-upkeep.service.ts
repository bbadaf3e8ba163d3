import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Profile } from './profile.js';
import { ProfilesRepository, type MergeOutcome } from './profiles.repository.js';
import { messageOf } from './storage.error.js';

/** Brings the kept profiles in order when the service starts, and takes in those that come from elsewhere. */
@Injectable()
export class ProfileUpkeepService implements OnApplicationBootstrap {
  private readonly logger = new Logger(ProfileUpkeepService.name);

  constructor(
    private readonly profiles: ProfilesRepository,
    private readonly hardware: HardwareService,
  ) {}

  /** The service runs without, but whoever started it should know that nothing will be kept. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.profiles.assertWritable();
    } catch (error) {
      this.logger.warn(`Measurements cannot be kept, each request will measure anew. ${messageOf(error)}`);
      return;
    }
    await this.profiles.setUnreadableAside();
    await this.adoptFormer();
    await this.profiles.sweep();
  }

  /** @throws ProfileStorageError */
  async takeIn(profile: Profile): Promise<{ readonly profile: Profile; readonly outcome: MergeOutcome }> {
    const own = await this.underPresentIdentity(profile);
    return { profile: own, outcome: await this.profiles.merge(own) };
  }

  /** What this machine measured when software was still part of its identity becomes its own again. */
  private async adoptFormer(): Promise<void> {
    for (const profile of (await this.profiles.list()).profiles) {
      const own = await this.underPresentIdentity(profile);
      if (own === profile) continue;
      const { id } = profile.machine;
      try {
        await this.profiles.merge(own);
        await this.profiles.retire(id, profile.architecture);
        this.logger.log(
          `${profile.architecture}: what was measured on this machine as ${id} is now under ${own.machine.id}.`,
        );
      } catch (error) {
        this.logger.warn(messageOf(error));
      }
    }
  }

  private async underPresentIdentity(profile: Profile): Promise<Profile> {
    const machine = await this.hardware.machine();
    if (profile.machine.id === machine.id || !(await this.hardware.wasThisMachine(profile.machine))) return profile;
    return { ...profile, machine };
  }
}
