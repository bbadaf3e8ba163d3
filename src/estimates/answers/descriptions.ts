/** Of `kind`, wherever an answer has one. */
export const KIND_DESCRIPTION =
  '`measured`: a measurement of exactly this workload; `interpolated`: predicted from measurements of the architecture around it; `predicted`: from less than that (`support` says from what). Of several figures the least sure one.';

/** Of the intervals of times. */
export const STEP_INTERVAL_DESCRIPTION =
  'Between which ends the figures lie in 90 of 100 cases. Of a measured time: the 5th and 95th percentile of the steps that were timed, about their median.';
