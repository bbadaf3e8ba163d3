import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problems.js';
import { LargestBody } from '../common/json-body.js';
import { QueryPipe } from '../common/query.pipe.js';
import { CompareProfilesQuery } from './compare-profiles.query.js';
import { importOutcomeCodec } from './import-outcome.js';
import { comparisonCodec } from './profile-comparison.js';
import { profileDocumentSchema } from './profile-document.js';
import { profileSummaryCodec, unreadableCodec } from './profile-summary.js';
import { profileCodec } from './profile.js';
import { ProfilesService } from './profiles.service.js';

/** Some thousand measurements; reading them holds other requests up for some tenths of a second. */
const LARGEST_PROFILE_BYTES = 16 * 1024 * 1024;

const MACHINE = { name: 'machine', description: "The machine's id, as in /api/v1/hardware." };
const ARCHITECTURE = { name: 'architecture', example: 'ssdlite320_mobilenet_v3_large' };
const NO_PROFILE = 'Nothing was measured of this architecture on this machine.';

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
    description: 'Every profile, without its measurements; and files among them that are none.',
    schema: {
      type: 'object',
      required: ['profiles', 'unreadable'],
      properties: {
        profiles: { type: 'array', items: profileSummaryCodec.schema },
        unreadable: { type: 'array', items: unreadableCodec.schema },
      },
    },
  })
  list(): Promise<unknown> {
    return this.profiles.list();
  }

  @Get('compare')
  @ApiOperation({
    operationId: 'compareProfiles',
    summary: 'Step times and memory of two profiles, or of two measurements',
    description: 'Of the workloads that both have, as ratios of the right to the left.',
  })
  @ApiOkResponse({ description: 'The ratios.', schema: comparisonCodec.schema })
  @ApiProblem(404, 'There is no such profile or measurement.')
  @ApiProblem(422, 'A parameter is wrong, or both have no workload in common.')
  compare(@Query(new QueryPipe(CompareProfilesQuery)) query: CompareProfilesQuery): Promise<unknown> {
    return this.profiles.compare(query);
  }

  @Post('import')
  @HttpCode(200)
  @LargestBody(LARGEST_PROFILE_BYTES)
  @ApiOperation({
    operationId: 'importProfile',
    summary: 'Take in a profile that was exported here or elsewhere',
    description:
      'A file of any version of this project up to this one, of this machine or another. Measurements that are not kept yet, told by their ids, are added; all that is kept stays.',
  })
  @ApiBody({ schema: profileCodec.schema })
  @ApiOkResponse({ description: 'What became of its measurements.', schema: importOutcomeCodec.schema })
  @ApiProblem(413, 'The profile is larger than 16 MiB.')
  @ApiProblem(422, 'It is no profile, or one of a later version (`not-a-profile`).')
  @ApiProblem(503, 'The folder of profiles cannot be written (`storage-read-only`).')
  @ApiProblem(507, 'There is no room left (`storage-full`).')
  import(@Body() profile: unknown): Promise<unknown> {
    return this.profiles.import(profile);
  }

  @Get(':machine/:architecture')
  @ApiOperation({
    operationId: 'getProfile',
    summary: 'All measurements of one architecture on one machine',
    description:
      'With what becomes of each when its workload is asked for. Memory in bytes, time in seconds, utilisation in percent.',
  })
  @ApiParam(MACHINE)
  @ApiParam(ARCHITECTURE)
  @ApiOkResponse({ description: 'The profile.', schema: profileDocumentSchema })
  @ApiProblem(404, NO_PROFILE)
  @ApiProblem(500, 'The file cannot be read (`unreadable-profile`).')
  get(@Param('machine') machine: string, @Param('architecture') architecture: string): Promise<unknown> {
    return this.profiles.get(machine, architecture);
  }

  @Get(':machine/:architecture/export')
  @ApiOperation({
    operationId: 'exportProfile',
    summary: 'The file of a profile as it is, to be kept or taken in elsewhere',
  })
  @ApiParam(MACHINE)
  @ApiParam(ARCHITECTURE)
  @ApiProduces('application/json')
  @ApiOkResponse({ description: 'The file.', schema: profileCodec.schema })
  @ApiProblem(404, NO_PROFILE)
  async export(
    @Param('machine') machine: string,
    @Param('architecture') architecture: string,
  ): Promise<StreamableFile> {
    return new StreamableFile(await this.profiles.export(machine, architecture), {
      type: 'application/json',
      // Both are names of files that exist: nothing in them needs to be escaped.
      disposition: `attachment; filename="${machine}-${architecture}.json"`,
    });
  }

  @Delete(':machine/:architecture')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteProfile', summary: 'Forget all measurements of one architecture on one machine' })
  @ApiParam(MACHINE)
  @ApiParam(ARCHITECTURE)
  @ApiProblem(404, NO_PROFILE)
  @ApiProblem(503, 'The folder of profiles cannot be written (`storage-read-only`).')
  remove(@Param('machine') machine: string, @Param('architecture') architecture: string): Promise<void> {
    return this.profiles.remove(machine, architecture);
  }

  @Delete(':machine/:architecture/measurements/:id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteMeasurement', summary: 'Forget one measurement' })
  @ApiParam(MACHINE)
  @ApiParam(ARCHITECTURE)
  @ApiParam({ name: 'id', description: 'Of the measurement, as in the profile.' })
  @ApiProblem(404, 'There is no measurement of this id in a profile of this machine.')
  @ApiProblem(503, 'The folder of profiles cannot be written (`storage-read-only`).')
  removeMeasurement(
    @Param('machine') machine: string,
    @Param('architecture') architecture: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.profiles.removeMeasurement(machine, architecture, id);
  }
}
