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

  it('asks each from all others', () => {
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

  it('takes away large ones of the other kind too', () => {
    const used = measuredPoint('used', { architecture: 'resnet18', batchSize: 8, applicationType: 'inference' });
    const [exam] = examsAbout('extrapolation', examsOf([...[1, 2, 4, 8].map(ofBatch), used]));
    expect(idsOf(exam?.known ?? [])).not.toContain('used');
  });
});
