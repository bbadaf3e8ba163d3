import { Injectable, Logger, ServiceUnavailableException } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { Problem } from '../common/problem.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import { ProfileStorageError } from '../profiles/storage.error.js';

/** Whether the service can do its work, not merely answer. */
@Injectable()
export class ReadinessService {
  private readonly logger = new Logger(ReadinessService.name);

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly profiles: ProfilesRepository,
  ) {}

  /** @throws Problem 503 */
  async check(): Promise<HealthCheckResult> {
    let trouble = '';
    const profilesWritable = async (): Promise<HealthIndicatorResult> => {
      const indicator = this.indicators.check('profiles');
      try {
        await this.profiles.assertWritable();
        return indicator.up();
      } catch (error) {
        this.logger.error(error instanceof Error ? error : new Error(String(error)));
        if (error instanceof ProfileStorageError) trouble = error.message;
        return indicator.down();
      }
    };
    try {
      return await this.health.check([profilesWritable]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) {
        throw error;
      }
      const detail = 'The folder of profiles (PROFILES_DIR) cannot be written, so no measurement would be kept.';
      throw new Problem('not-ready', 503, `${detail} ${trouble}`.trim());
    }
  }
}
