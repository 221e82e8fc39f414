"""The words that questions are asked in: of every kind, and of each.

A word of a sentence that is none of these, of no column and of no value, changes what is asked.
"""

from __future__ import annotations

GRAMMAR = frozenset(
    """
    test check analyze analyzing base based basis conclude conclusion consider considering dataset degree extra
    offering providing measure q
    helping hurting came hey hiya greetings morning afternoon evening dear doing
    additional i'd i'm we'd receive received receiving researcher researchers study studying such whatsoever
    a about account accounted accounting act acts actual actually add added adding adds adjust adjusted
    adjusting adjustment adverse affect affected affecting affects after again all already also alter altered
    alters altogether amount amounts an analyse analysis and any anybody anyone anyway apparent apparently
    approximately are as ask asking assess associated association at atc ate att atu average averaged bad
    basically be because become becomes been being believe beneficial between big bigger boost boosted
    boosting boosts briefly bring brings but by calculate can causal causality causally causation cause caused
    causes causing change changed changes changing claim claims clear clearly column columns come comes
    compare compute condition conditional conditionally conditioned conditioning connected considerable
    considerably constant contribute contributes control controlled controlling correct correlated correlation
    could curious cut cuts cutting data decrease decreased decreases decreasing depend depends describe
    detectable determine determined determines determining did differ difference different differs direction
    do does done drive driven driver drives driving drop dropped dropping drops due effect effects essentially
    estimate estimated estimating estimation ever everybody everyone evidence exactly exist exists expect
    expected experience explain explained explains exposure extent fall falling falls far fell find fix fixed
    folks for from gain gained gaining gains generally get gets getting give given gives giving go goes going
    gone good greater grow growing grows guess had happen happened happens harm harmful harms has have having
    heard held hello help helps her hi high higher his hold holding how however huge hurt hurts i if impact
    impacts important improve improved improves improving in increase increased increases increasing indeed
    independent individual individuals influence influenced influences influencing instead interested
    intervention into is it its itself just keep keeping kept know knowing known large larger lead leading
    leads learn least less level levels like link linked links look lose loses losing loss lot low lower
    lowered lowering lowers made magnitude main make makes making matter matters may me mean means measurable
    might more mostly move moved moves moving much must my need needed negative net noticeable noticeably now
    number observations observe of off ok okay on once one one's or other our out outcome overall owing own
    part participant participants patient patients people perhaps person persons plausible plausibly play
    plays please positive possible precisely predict prevent preventing prevents probably produce produces
    promote promotes proof put quantify quantity question quick quickly quite raise raised raises raising rate
    rates rather react read real really reason reduce reduced reduces reducing regarding relate related
    relation relations relationship respond responds response responsible result results rise rises rising
    role rose roughly row rows said same say says score scores see set sets setting shall shift shifted shifts
    short shortly should show shows shrink shrinks significant significantly simple simply since sizable size
    sizeable small so some somebody somehow someone something somewhat start starting starts state statistical
    statistically status still strength strong strongly subjects substantially suggest suppose supposedly
    suspect take taken takes taking tell thanks that the their them then there these they thing things think
    this those through tiny to today told too total treatment true truly turn turns typically ultimately under
    undergo understand understanding unit units units' up upon us use using value values variable variables
    vary visible visibly want wanted was way we weakly were what when whether which while who will with within
    wonder wondering work works worse worsen worsened worsens worth would yes yet you your return returns payoff
    lift uplift
    """.split()
)
"""Words that patterns are made of, and words beside them that change nothing."""
OF_KIND: dict[str, frozenset[str]] = {
    "independence": frozenset(
        """
        along associate associations both check closely co-vary coefficient connection connections correlate
        correlates correlations covary dependence dependent each hand independence marginally over partial
        pearson plain predicts raw simple test together unadjusted uncorrelated unrelated well
        """.split()
    ),
    "mediation": frozenset(
        """
        along apart around beside besides bit break carried decompose direct divide down flow flows fraction
        indirect indirectly mainly mediate mediated mediates mediating mediation mediator natural not only
        operate operates over partly pass passes passing past path percent percentage portion proportion run
        running runs separate share split transmit transmitted travel travels via whole work works
        """.split()
    ),
    "joint": frozenset(
        """
        applied being both combination combined combining common each equal higher joint jointly lower net off on
        once plus put same simultaneous simultaneously switch switched switches switching tandem taken time
        together treatment went grow grew
        """.split()
    ),
    "mediator": frozenset(
        """
        among both mediate mediated mediates mediating mediation mediator mediators via whom
        """.split()
    ),
    "confounder": frozenset(
        """
        anything back-door backdoor both common confound confounded confounder confounders confounding
        confounds door open path paths third
        """.split()
    ),
    "collider": frozenset(
        """
        anything both collider colliders common consequence consequences outcomes
        """.split()
    ),
    "adjustment": frozenset(
        """
        covariate covariates include included including
        choose correctly good measured minimal needs right sufficient valid
        """.split()
    ),
    "direct_cause": frozenset(
        """
        arrow connection direct directly edge immediate immediately operate operates parent path work works
        """.split()
    ),
    "direction": frozenset(
        """
        around arrow back both consequence either first flow flows not opposite point points reverse reversed
        round run runs than versa versus vice vs work works
        """.split()
    ),
    "drivers": frozenset(
        """
        why biggest largest greatest top rank
        behind determinants drivers else factor factors key mainly most predictors root roots several
        strongest together why
        """.split()
    ),
    "subgroups": frozenset(
        """
        above across age aged among amongst anyone area areas assign assignment avoid below benefit benefits
        best better bigger biggest broken cases clients concentrated customers differential differently
        diverge diverges down each equal equally every fewer given greatest group groups heterogeneity
        heterogeneous heterogeneously highest homogeneous households interact interaction interacts kind kinds
        largest learn lessen lift limit lowest maximise maximising maximize maximizing members men minimise
        minimising minimize minimizing moderate moderated moderates moderation moderator moderators
        modification modified modifier modifiers modifies modify most offer offered old older optimal ought
        over per place places policy profit rank receive received regions respondents rule send sent
        separately shape shapes shown smaller smallest sort sorts split stratified stronger strongest students
        subgroup subgroups suffer target targeting than treat treated tree users varied varies varying varys
        weaker weakest where whom women workers years younger
        """.split()
    ),
    "domains": frozenset(
        """
        across alike along among batch batches behave behaves comparable concept countries country dataset
        datasets dependence dependencies dependency differently distribution diverge domain domains drift
        drifting drifts environment environments equation equations group groups law laws mechanism mechanisms
        order over parts period periods regime regimes region regions site sites test time varies work works
        """.split()
    ),
    "graph": frozenset(
        """
        full complete entire picture whole best
        among amongst arrows behind build built causal connections csv dag dags dataset diagram discover
        discovery display draw drawn each edges every features file graph graphs learn learned like links look
        looks map model models network nodes out over picture plot print relations relationships set sketch
        structure table whole
        """.split()
    ),
    "falsify": frozenset(
        """
        the
        admg against agree agreement agrees arrow arrows assumed back badly claims closely compatible conflict
        consistent contradict contradicted contradicts cpdag criticise criticize dag describe diagram disagree
        disagrees discovered doubtful edge edges evidence fail fails false falsified falsify fit fits graph
        hold holds independencies learned line match matches missing mistaken named network odds pag parts
        refute refuted reject rejected speak supplied support supported supports survive survives tested valid
        validate verify well wrong
        """.split()
    ),
    "what_if": frozenset(
        """
        doubles halves triples
        all as assuming big cut default distribution double doubled doubling e every everybody everyone
        expectation expected fixed had half halved held high higher if instead intervention kept large less
        like long look low lower more much no nobody one percent person predict quadrupled quarter raised see
        simulate stay stayed suppose supposed supposing thirds times triple tripled twice would've
        """.split()
    ),
    "counterfactual": frozenset(
        """
        times as low tripled had stay
        big case doubled entry had halved high if instead large line low no. nr number observation predict
        record row simulate suppose supposing twice
        """.split()
    ),
    "anomaly": frozenset(
        """
        why because behind low high
        abnormally anomalies anomalous anomaly attribute behind blame case caused crash crashed decompose
        deviate deviation diagnose dip dipped drove entry exceptionally extreme extremely far jump jumped line
        little long number observation odd off outlier peak peaked record root row short spike spiked spikes
        strange such surge surged too unexpected unusual unusually value values very
        """.split()
    ),
    "change": frozenset(
        """
        why low high
        account accounts attribute better between bigger break caused columns decline declined declines
        declining decompose different differs down drives drove fewer from gap greater grew group groups
        growth higher jump jumped larger less lower mechanism mechanisms more much period periods root shift
        shrank shrunk smaller surge surged than to worse year years
        """.split()
    ),
    "arrows": frozenset(
        """
        arrow arrows by direct each edge edges into matters most parent parents rank strength strengths strong
        strongest
        """.split()
    ),
}
"""Further words that questions of one kind are asked in."""
