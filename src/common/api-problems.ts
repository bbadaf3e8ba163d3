import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiResponse, ApiSchema, getSchemaPath } from '@nestjs/swagger';
import { PROBLEM_MEDIA_TYPE, PROBLEM_TITLES } from './problem.js';

/** One thing that is wrong with the request; the schema of `FieldProblem` and `ParameterProblem`. */
@ApiSchema({ name: 'FieldProblem' })
export class FieldProblemSchema {
  @ApiProperty({
    required: false,
    description: 'JSON Pointer to the field of the body, as a URI fragment.',
    example: '#/batch_size',
  })
  pointer?: string;

  @ApiProperty({ required: false, description: 'Name of the parameter of the query.' })
  parameter?: string;

  @ApiProperty({ example: 'must be a whole number from 1 to 1024, but is 0.' })
  detail!: string;

  @ApiProperty({ type: [String], required: false, description: 'Names that were probably meant, nearest first.' })
  nearest?: string[];
}

/** RFC 9457 problem details; the schema of `ProblemDetails`. */
@ApiSchema({ name: 'Problem' })
export class ProblemSchema {
  @ApiProperty({ enum: Object.keys(PROBLEM_TITLES), description: 'Compare it as a plain string.' })
  type!: string;

  @ApiProperty({ description: 'The same for every problem of this type.' })
  title!: string;

  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599 })
  status!: number;

  @ApiProperty({ description: 'What was wrong this time, and what would be right.' })
  detail!: string;

  @ApiProperty({ description: 'Path of the request.' })
  instance!: string;

  @ApiProperty({ type: [FieldProblemSchema], required: false })
  errors?: FieldProblemSchema[];
}

/** Documents a refusal or failure of a route. */
export function ApiProblem(status: number, description: string, example?: object): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(ProblemSchema),
    ApiResponse({
      status,
      description,
      content: {
        [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemSchema) }, ...(example && { example }) },
      },
    }),
  );
}
