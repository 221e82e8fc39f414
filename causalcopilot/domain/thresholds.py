"""The numbers that checks compare with, each with why it is that size: what warns, what fails, what is enough.

They stand in the core, beside the rules of the verdict, so that all of the judgement can be read in one room and no
method sets its own bar.
"""

from __future__ import annotations

OUTSIDE = 0.05
"""A propensity below this, or above one minus it, counts as outside the region of overlap."""
OUTSIDE_WARN, OUTSIDE_FAIL = 0.05, 0.30
"""Share of rows outside.  Crump et al. (2009) drop rows outside [.1, .9]; [.05, .95] is the milder rule."""
ESS_WARN, ESS_FAIL = 0.20, 0.10
"""Effective sample size of the worse arm, as a share of its rows (Kish)."""
SMD_WARN, SMD_FAIL = 0.10, 0.25
"""Largest weighted standardised mean difference (Austin 2009; Stuart 2010)."""
RESIDUAL_WARN, RESIDUAL_FAIL = 0.10, 0.02
"""Share of a continuous treatment's variance that the controls must leave; below, nothing is left to compare."""
PLACEBO_LEVEL = 0.05
"""Two-sided level of the band that the placebo refits span."""
NEGATIVE_CONTROL_WARN, NEGATIVE_CONTROL_FAIL = 0.05, 0.01
"""Levels, after Bonferroni over the negative controls (Lipsitch et al. 2010).  A design is called refuted
at the stricter level only, because one honest design in twenty fails the milder one."""
DRAW_WARN, DRAW_FAIL = 0.05, 0.01
"""Levels, corrected for the number of columns, at which a column moves with a treatment that is said to be drawn by
lot.  At the stricter one an honest draw fails in one case of a hundred."""
GRAPH_WARN, GRAPH_FAIL = 0.05, 0.01
"""Levels, after correction for their number, at which an independence that a given graph implies is contradicted.
At the stricter one a right graph fails in one case of a hundred."""
NULL_MARGIN = 0.2
"""An interval holding zero is precise when it stays within this many standard deviations of the outcome
(Cohen's small effect; the two-one-sided-tests reading of an equivalence margin).  Where the quartiles tell
of a smaller standard deviation (heavy tails), that one counts: outliers must not make a zero look precise."""
BENCHMARK_MARGIN = 1.25
"""The nearer end of the interval must withstand a hidden cause this many times as strong as the strongest
control.  At one, the sampling error of the benchmark lets a hidden cause of exactly its strength pass in up
to one case of five (own simulation: 300 draws each of four strengths at two sizes); at this margin in one
of fifty."""
BENCHMARK_CHANCE = 6.63
"""Times one over the degrees of freedom: a partial R² that chance alone exceeds in one case of a hundred.
A benchmark below it on either side cannot fail, so passing it is told and not counted."""
POINT_MULTIPLE = 2.0
"""Or else the point itself must withstand one of this multiple, with the interval clear of zero: with few
rows the interval's end lies near zero for want of rows, not for want of strength (same simulation: a hidden
cause of the benchmark's strength passes in less than one case of ten at every strength)."""
LOST_WARN, LOST_FAIL = 0.05, 0.20
"""Share of rows dropped for a missing outcome, treatment or control."""
ARM_LOSS_FAIL, ARM_LOSS_LEVEL = 0.05, 0.01
"""Difference between the arms in the share without an outcome that fails, where chance at this level cannot make it
(near the limits that the What Works Clearinghouse draws for trials that lose a tenth of their rows)."""
FILLED_WARN, FILLED_FAIL = 0.05, 0.20
"""Share of rows with a control that was missing and filled in: there the control is not held."""
CLUSTER_WARN, CLUSTER_FAIL = 1.10, 1.25
"""Standard error counted by unit over the one counted by row; at 1.25 a 95 % interval covers about 88 %."""
CLUSTERS_WARN, CLUSTERS_FAIL = 30, 8
"""Clusters below which clustered errors are uncertain (Cameron and Miller 2015), and below which they are not
to be trusted: with so few, intervals that aim at 95 % cover less than 90 % where clusters differ in size."""
BEND_T, BEND_FAIL = 3.0, 1.0
"""A squared term this clear of chance that moves the effect of the step by more than half the interval's width."""
JOINT_WARN, JOINT_FAIL = 0.05, 0.01
"""Levels of the tests that treatments set together do not interact or bend, and that two ways a graph allows agree.
At the stricter one a right model fails in one case of a hundred."""
REPEATED_FAIL = 0.90
"""Share of rows with an exact twin from which standard errors are taken to be wrong."""
MIN_ROWS, MIN_ARM = 40, 10
"""Fewest rows, and fewest rows in one arm (or with the rarer outcome), for which an interval is offered."""
WEAK_F = 10.0
"""Effective first-stage F below which an instrument is weak (Staiger and Stock 1997;
Montiel Olea and Pflueger 2013)."""
DESIGN_LEVEL = 0.05
"""Level of the tests that belong to a design (over-identification, density, continuity, earlier trends)."""
MIN_UNITS = 5
"""Fewest adopting units, and fewest units they are compared with, for standard errors clustered by unit."""
FIT_WARN, FIT_FAIL = 0.10, 0.25
"""Root mean square gap of a synthetic control before the treatment, as a share of how far units lie apart then
(the standardised-difference margins of balance, over periods instead of covariates)."""
RANK_FAIL = 0.10
"""Rank p value among placebo donors above which the treated unit does not stand out (Abadie et al. 2010)."""
MIN_CHANGING = 20
"""Fewest units whose treatment changes, for standard errors clustered by unit (Cameron and Miller 2015 put the
danger below 20 to 50)."""
