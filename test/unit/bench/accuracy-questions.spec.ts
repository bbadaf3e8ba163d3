import { type Exam, examsOf, type Question } from '../../../bench/accuracy/questions.js';
import { measuredPoint } from '../../fixtures/measured-points.js';

const ofBatch = (batchSize: number) =>
  measuredPoint(`resnet18 of ${batchSize}`, { architecture: 'resnet18', batchSize });
const ofSide = (side: number) =>
  measuredPoint(`vgg16 at ${side}`, { architecture: 'vgg16', batchSize: 1, imageSize: [side, side] });

function examsAbout(question: Question, exams: readonly Exam[]): readonly Exam[] {
  return exams.filter((exam) => exam.question === question);
}

function idsOf(points: Exam['asked']): readonly string[] {
  return points.map(({ observation }) => observation.id);
}

describe('examsOf', () => {
  it('never asks what is known', () => {
    const exams = examsOf([...[1, 2, 3, 4, 6, 8].map(ofBatch), ...[100, 120, 140, 200].map(ofSide)]);
    expect(exams.length).toBeGreaterThan(0);
    for (const { known, asked } of exams) {
      const ids = new Set(idsOf(known));
      expect(idsOf(asked).filter((id) => ids.has(id))).toEqual([]);
    }
  });

  it('asks each of an architecture from all others', () => {
    const exams = examsAbout('interpolation', examsOf([1, 2, 3].map(ofBatch)));
    expect(exams.map(({ known, asked }) => [idsOf(asked), idsOf(known)])).toEqual([
      [['resnet18 of 1'], ['resnet18 of 2', 'resnet18 of 3']],
      [['resnet18 of 2'], ['resnet18 of 1', 'resnet18 of 3']],
      [['resnet18 of 3'], ['resnet18 of 1', 'resnet18 of 2']],
    ]);
  });

  it('asks all of an architecture from the others, trained and used', () => {
    const used = measuredPoint('resnet18 used', { architecture: 'resnet18', applicationType: 'inference' });
    const exams = examsAbout('unmeasured', examsOf([ofBatch(1), used, ofSide(100)]));
    expect(exams.map(({ known, asked }) => [idsOf(asked), idsOf(known)])).toEqual([
      [['resnet18 of 1', 'resnet18 used'], ['vgg16 at 100']],
      [['vgg16 at 100'], ['resnet18 of 1', 'resnet18 used']],
    ]);
  });

  it('asks batches of up to twice the largest known, which is at most half of the largest', () => {
    const [exam, ...others] = examsAbout('extrapolation', examsOf([1, 2, 3, 4, 6, 9].map(ofBatch)));
    expect(others).toEqual([]);
    expect(idsOf(exam?.known ?? [])).toEqual([1, 2, 3, 4].map((batch) => `resnet18 of ${batch}`));
    // 9 is more than twice of 4: neither known nor asked.
    expect(idsOf(exam?.asked ?? [])).toEqual(['resnet18 of 6']);
  });

  it('asks sizes by the pixels that are computed', () => {
    const resized = measuredPoint(
      'vgg16, resized',
      { architecture: 'vgg16', batchSize: 1, imageSize: [900, 900] },
      { computedImageSize: [80, 80] },
    );
    const [exam, ...others] = examsAbout('extrapolation', examsOf([...[90, 100, 140, 142].map(ofSide), resized]));
    expect(others).toEqual([]);
    expect(idsOf(exam?.known ?? [])).toEqual(['vgg16 at 90', 'vgg16 at 100', 'vgg16, resized']);
    // Sides of 142 have more than twice the pixels of 100.
    expect(idsOf(exam?.asked ?? [])).toEqual(['vgg16 at 140']);
  });

  it('asks nothing beyond where too little is known', () => {
    expect(examsAbout('extrapolation', examsOf([2, 3, 4, 8].map(ofBatch)))).not.toEqual([]);
    expect(examsAbout('extrapolation', examsOf([3, 4, 8].map(ofBatch)))).toEqual([]);
  });

  it('asks one of each architecture at a time, trained and used', () => {
    const used = measuredPoint('used', { architecture: 'resnet18', applicationType: 'inference' });
    const exams = examsAbout('interpolation', examsOf([ofBatch(1), ofBatch(2), used, ofSide(100)]));
    expect(exams.map(({ asked }) => idsOf(asked))).toEqual([
      ['resnet18 of 1', 'used', 'vgg16 at 100'],
      ['resnet18 of 2'],
    ]);
  });

  it('knows all of other architectures, and what is small of the same, trained or used', () => {
    const used = [1, 2, 4].map((batchSize) =>
      measuredPoint(`used ${batchSize}`, { architecture: 'resnet18', batchSize, applicationType: 'inference' }),
    );
    const others = [1, 8].map((batchSize) =>
      measuredPoint(`vgg16 of ${batchSize}`, { architecture: 'vgg16', batchSize }),
    );
    const [exam] = examsAbout('extrapolation', examsOf([...[1, 2, 4, 8].map(ofBatch), ...used, ...others]));
    expect(idsOf(exam?.asked ?? [])).toEqual(['resnet18 of 8']);
    expect([...idsOf(exam?.known ?? [])].sort()).toEqual(
      ['resnet18 of 1', 'resnet18 of 2', 'resnet18 of 4', 'used 1', 'used 2', 'vgg16 of 1', 'vgg16 of 8'].sort(),
    );
  });

  it('has each architecture asked beyond its range', () => {
    const names = ['resnet18', 'resnet34', 'resnet50', 'resnet101', 'vgg16', 'mobilenet_v2'];
    const points = names.flatMap((architecture) =>
      [1, 2, 3, 6].map((batchSize) => measuredPoint(`${architecture} of ${batchSize}`, { architecture, batchSize })),
    );
    const asked = examsAbout('extrapolation', examsOf(points)).flatMap((exam) => idsOf(exam.asked));
    expect([...asked].sort()).toEqual(names.map((name) => `${name} of 6`).sort());
  });
});
