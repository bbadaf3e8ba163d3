import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problems.js';
import { profileCodec } from './profile.js';
import { profileSummaryCodec } from './profile-summary.js';
import { ProfilesService } from './profiles.service.js';

@ApiTags('profiles')
@Controller('api/v1/profiles')
export class ProfilesController {
  constructor(private readonly profiles: ProfilesService) {}

  @Get()
  @ApiOperation({
    operationId: 'listProfiles',
    summary: 'What was measured so far',
    description: 'One profile for each architecture and machine. A measurement in a profile answers equal requests.',
  })
  @ApiOkResponse({
    description: 'Every profile, without its measurements.',
    schema: {
      type: 'object',
      required: ['profiles'],
      properties: { profiles: { type: 'array', items: profileSummaryCodec.schema } },
    },
  })
  list(): Promise<unknown> {
    return this.profiles.list();
  }

  @Get(':machine/:architecture')
  @ApiOperation({
    operationId: 'getProfile',
    summary: 'All measurements of one architecture on one machine',
    description: 'As it is kept in a file of its own. Memory in bytes, time in seconds, utilisation in percent.',
  })
  @ApiParam({ name: 'machine', description: "The machine's id, as in /api/v1/hardware." })
  @ApiParam({ name: 'architecture', example: 'ssdlite320_mobilenet_v3_large' })
  @ApiOkResponse({ description: 'The profile.', schema: profileCodec.schema })
  @ApiProblem(404, 'Nothing was measured of this architecture on this machine.')
  get(@Param('machine') machine: string, @Param('architecture') architecture: string): Promise<unknown> {
    return this.profiles.get(machine, architecture);
  }
}
