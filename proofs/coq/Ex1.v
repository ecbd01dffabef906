(** Example 1: gradient descent on f(x) = (2/3) |x|^(3/2).

    Proves, for every step size delta > 0:
    - f'(x) = sgn(x) sqrt|x| for every x (also at 0), so the map is x - delta sgn(x) sqrt|x|;
      its only fixed point is 0, and +- delta^2/4 is a period-2 orbit;
    - x = delta^2 y turns the map into g(y) = y - sgn(y) sqrt|y|;
    - the starts that reach 0 are exactly those with x/delta^2 in S = {0} and all +- s_n,
      s_1 = 1 ([s 0] here), s_(n+1) = ((1 + sqrt(1 + 4 s_n))/2)^2; S is countable;
    - every other start converges to the orbit +- delta^2/4, with alternating sign.

    Notation: see Definitions.v; h(r) = sqrt r - r is |g| on (0,1).
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Example 1. *)

Require Import Reals Ranalysis5 Lra Lia Psatz.
From Symgd Require Import Definitions Sequences.
Local Open Scope R_scope.

(** ** Signs and square roots *)

Lemma sgn_pos : forall x, 0 < x -> sgn x = 1.
Proof. intros x H; unfold sgn; destruct (Rlt_dec x 0), (Rlt_dec 0 x); lra. Qed.

Lemma sgn_neg : forall x, x < 0 -> sgn x = -1.
Proof. intros x H; unfold sgn; destruct (Rlt_dec x 0), (Rlt_dec 0 x); lra. Qed.

Lemma sgn_0 : sgn 0 = 0.
Proof. unfold sgn; destruct (Rlt_dec 0 0); lra. Qed.

Lemma sgn_opp : forall x, sgn (- x) = - sgn x.
Proof.
  intros x; destruct (Rtotal_order x 0) as [H|[->|H]].
  - rewrite sgn_pos, (sgn_neg x); lra.
  - rewrite Ropp_0, sgn_0; lra.
  - rewrite sgn_neg, (sgn_pos x); lra.
Qed.

(** Writing r = q^2 removes square roots. *)
Lemma sqrt_form : forall r, 0 < r -> exists q, 0 < q /\ r = q * q /\ sqrt r = q.
Proof.
  intros r H; exists (sqrt r); repeat split; [apply sqrt_lt_R0; exact H|].
  symmetry; apply sqrt_sqrt; lra.
Qed.

(** ** The gradient *)

Lemma ex1_loss_opp : forall x, ex1_loss (- x) = ex1_loss x.
Proof. intros; unfold ex1_loss; rewrite Rabs_Ropp; reflexivity. Qed.

Lemma ex1_gradient_pos : forall x, 0 < x -> derivable_pt_lim ex1_loss x (sqrt x).
Proof.
  intros x Hx.
  assert (D : derivable_pt_lim (fun y => 2 / 3 * (y * sqrt y)) x (sqrt x)).
  { replace (sqrt x) with (2 / 3 * (1 * sqrt x + x * / (2 * sqrt x))).
    - apply (derivable_pt_lim_scal (id * sqrt)%F), derivable_pt_lim_mult.
      + apply derivable_pt_lim_id.
      + apply derivable_pt_lim_sqrt; exact Hx.
    - destruct (sqrt_form x Hx) as [q [Hq [-> E]]]; rewrite E; field; lra. }
  apply (derivable_pt_lim_locally_ext _ ex1_loss x 0 (x + 1)) with (3 := D); [lra|].
  intros y Hy; unfold ex1_loss; rewrite Rabs_right by lra; reflexivity.
Qed.

Lemma ex1_gradient_0 : derivable_pt_lim ex1_loss 0 0.
Proof.
  intros eps He; assert (He2 : 0 < eps * eps) by nra.
  exists (mkposreal _ He2); cbn [pos]; intros h Nh Hh.
  unfold ex1_loss; rewrite Rplus_0_l, Rabs_R0, sqrt_0.
  assert (P : 0 < Rabs h) by (apply Rabs_pos_lt; exact Nh).
  replace ((2 / 3 * (Rabs h * sqrt (Rabs h)) - 2 / 3 * (0 * 0)) / h - 0)
    with (2 / 3 * sqrt (Rabs h) * (Rabs h / h)) by (field; exact Nh).
  assert (U : Rabs (Rabs h / h) = 1).
  { unfold Rdiv; rewrite Rabs_mult, Rabs_Rabsolu, <- Rabs_mult, Rinv_r by exact Nh; exact Rabs_R1. }
  rewrite Rabs_mult, U, Rmult_1_r.
  destruct (sqrt_form _ P) as [q [Hq [E ->]]]; rewrite E in Hh.
  rewrite Rabs_right by lra; nra.
Qed.

Theorem ex1_gradient : forall x, derivable_pt_lim ex1_loss x (sgn x * sqrt (Rabs x)).
Proof.
  intros x; destruct (Rtotal_order x 0) as [H|[->|H]].
  - rewrite sgn_neg, Rabs_left by exact H.
    apply (derivable_pt_lim_ext (comp ex1_loss (- id)%F)).
    { intros y; unfold comp, opp_fct, id; apply ex1_loss_opp. }
    replace (-1 * sqrt (- x)) with (sqrt (- x) * - 1) by ring.
    apply derivable_pt_lim_comp.
    + apply derivable_pt_lim_opp, derivable_pt_lim_id.
    + apply ex1_gradient_pos; unfold opp_fct, id; lra.
  - rewrite sgn_0, Rmult_0_l; exact ex1_gradient_0.
  - rewrite sgn_pos, Rabs_right, Rmult_1_l by lra; apply ex1_gradient_pos; exact H.
Qed.

(** The loss is (2/3) |x|^(3/2). *)
Theorem ex1_loss_Rpower : forall x, x <> 0 -> ex1_loss x = 2 / 3 * Rpower (Rabs x) (3 / 2).
Proof.
  intros x H; assert (P : 0 < Rabs x) by (apply Rabs_pos_lt; exact H).
  unfold ex1_loss; f_equal; rewrite <- Rpower_sqrt by exact P.
  rewrite <- (Rpower_1 (Rabs x)) at 1 by exact P; rewrite <- Rpower_plus; f_equal; field.
Qed.

Theorem ex1_descent : forall delta x,
  descent1 ex1_loss delta x <-> forall k, x k = iter (ex1_step delta) k (x O).
Proof.
  intros delta x; split; intros D.
  - induction k as [|k IH]; cbn [iter]; auto; rewrite <- IH.
    destruct (D k) as [d [Hd ->]].
    rewrite (uniqueness_limite _ _ _ _ Hd (ex1_gradient (x k))); reflexivity.
  - intros k; exists (sgn (x k) * sqrt (Rabs (x k))); split; [apply ex1_gradient|].
    rewrite (D (S k)), (D k); reflexivity.
Qed.

(** ** The map g *)

Lemma g_pos : forall y, 0 < y -> g y = y - sqrt y.
Proof. intros y H; unfold g; rewrite sgn_pos, Rabs_right; lra. Qed.

Lemma g_0 : g 0 = 0.
Proof. unfold g; rewrite sgn_0; ring. Qed.

Lemma g_opp : forall y, g (- y) = - g y.
Proof. intros y; unfold g; rewrite sgn_opp, Rabs_Ropp; ring. Qed.

Lemma iter_g_opp : forall k y, iter g k (- y) = - iter g k y.
Proof. induction k as [|k IH]; intros y; cbn [iter]; auto; rewrite IH, g_opp; reflexivity. Qed.

(** ** S: the starts that reach 0 *)

Lemma s_ge1 : forall n, 1 <= s n.
Proof.
  induction n as [|n IH]; cbn [s]; [lra|].
  assert (1 <= sqrt (1 + 4 * s n)) by (rewrite <- sqrt_1 at 1; apply sqrt_le_1; lra); nra.
Qed.

(** r^2 - r = z with r, z > 0 has the one solution r = (1 + sqrt(1 + 4z))/2. *)
Lemma quadratic : forall r z, 0 < r -> 0 < z ->
  (r * r - r = z <-> r = (1 + sqrt (1 + 4 * z)) / 2).
Proof.
  intros r z Hr Hz; assert (Q := sqrt_sqrt (1 + 4 * z)).
  assert (P := sqrt_lt_R0 (1 + 4 * z)); split; intros E.
  - assert (r > 1) by nra.
    replace (1 + 4 * z) with ((2 * r - 1) * (2 * r - 1)) by (rewrite <- E; ring).
    rewrite sqrt_square by lra; field.
  - rewrite E; nra.
Qed.

Lemma g_s : forall n, g (s (S n)) = s n.
Proof.
  intros n; assert (H := s_ge1 n); cbn [s].
  set (r := (1 + sqrt (1 + 4 * s n)) / 2).
  assert (Hr : 0 < r) by (unfold r; assert (P := sqrt_lt_R0 (1 + 4 * s n)); lra).
  rewrite g_pos by (apply pow_lt; exact Hr).
  replace (r ^ 2) with (r * r) by ring; rewrite sqrt_square by lra.
  apply quadratic; [exact Hr|lra|reflexivity].
Qed.

Lemma s_reaches : forall n, iter g (S n) (s n) = 0.
Proof.
  induction n as [|n IH].
  - cbn [iter s]; rewrite g_pos, sqrt_1; lra.
  - rewrite iter_shift, g_s; exact IH.
Qed.

Lemma inS_opp : forall y, inS (- y) -> inS y.
Proof.
  intros y [E|[n [E|E]]]; [left; lra| |]; right; exists n; [right|left]; lra.
Qed.

(** Completeness: S contains every preimage of its points.  A negative point -s_n <= -1
    has no positive preimage because g >= -1/4 there. *)
Lemma inS_preimage : forall y, inS (g y) -> inS y.
Proof.
  assert (H : forall y, 0 < y -> inS (g y) -> inS y).
  { intros y Hy HS; right; rewrite g_pos in HS by exact Hy.
    destruct (sqrt_form y Hy) as [q [Hq [E R]]]; rewrite R, E in HS; rewrite E.
    destruct HS as [Z|[n [Z|Z]]].
    - exists O; left; cbn [s]; nra.
    - exists (S n); left; cbn [s].
      apply quadratic in Z; [|exact Hq|assert (B := s_ge1 n); lra].
      rewrite <- Z; ring.
    - exfalso; assert (B := s_ge1 n); nra. }
  intros y HS; destruct (Rtotal_order y 0) as [N|[->|P]]; [|left; reflexivity|auto].
  apply inS_opp, H; [lra|]; apply inS_opp; rewrite g_opp, Ropp_involutive; exact HS.
Qed.

Theorem g_reaches_iff : forall y, (exists k, iter g k y = 0) <-> inS y.
Proof.
  intros y; split.
  - intros [k E]; revert y E; induction k as [|k IH]; intros y E; [left; exact E|].
    apply inS_preimage, IH; rewrite <- iter_shift; exact E.
  - intros [->|[n [->| ->]]]; [exists O; reflexivity| |]; exists (S n).
    + apply s_reaches.
    + rewrite iter_g_opp, s_reaches; ring.
Qed.

(** S is countable. *)
Theorem S_countable : exists e : nat -> R, forall y, inS y -> exists n, e n = y.
Proof.
  exists (fun n => match n with
            | O => 0
            | S m => (if Nat.even m then 1 else -1) * s (Nat.div2 m)
            end).
  intros y [->|[n [->| ->]]].
  - exists O; reflexivity.
  - exists (S (2 * n)); rewrite Nat.even_mul, Nat.div2_double; cbn [Nat.even orb]; ring.
  - exists (S (S (2 * n))); rewrite Nat.even_succ, <- Nat.negb_even, Nat.even_mul.
    rewrite Nat.div2_succ_double.
    cbn [Nat.even orb negb]; ring.
Qed.

(** ** Every other start converges to the orbit *)

(** Above 1 each step takes at least 1 off |y|, until 0 < |y| < 1 (or S is hit). *)
Lemma g_abs : forall y, 0 < Rabs y -> Rabs (g y) = Rabs (Rabs y - sqrt (Rabs y)).
Proof.
  intros y H; destruct (Rtotal_order y 0) as [N|[->|P]].
  - rewrite (Rabs_left y) by exact N; rewrite <- g_pos by lra.
    rewrite g_opp, Rabs_Ropp; reflexivity.
  - rewrite Rabs_R0 in H; lra.
  - rewrite (Rabs_right y) by lra; rewrite g_pos by exact P; reflexivity.
Qed.

Lemma enters_unit : forall n y, ~ inS y -> Rabs y < INR n + 1 ->
  exists k, 0 < Rabs (iter g k y) < 1.
Proof.
  induction n as [|n IH]; intros y NS B;
    (assert (P : 0 < Rabs y) by (apply Rabs_pos_lt; intros ->; apply NS; left; reflexivity)).
  - exists O; cbn [iter INR] in *; lra.
  - destruct (Rtotal_order (Rabs y) 1) as [C|[C|C]].
    + exists O; cbn [iter]; lra.
    + exfalso; apply NS; right; exists O; cbn [s].
      unfold Rabs in C; destruct (Rcase_abs y); [right|left]; lra.
    + destruct (IH (g y)) as [k Hk].
      * intros HS; apply NS, inS_preimage, HS.
      * rewrite g_abs by exact P; destruct (sqrt_form _ P) as [q [Hq [E ->]]].
        rewrite S_INR, E in *; rewrite Rabs_right; nra.
      * exists (S k); rewrite iter_shift; exact Hk.
Qed.

(** Within (0,1) the sign flips and |y| goes to h |y| = sqrt|y| - |y|, quadratically near 1/4. *)
Theorem g_quadratic : forall y, 0 < Rabs y < 1 ->
  0 <= / 4 - Rabs (g y) <= 4 * (/ 4 - Rabs y) ^ 2.
Proof.
  intros y [P U]; rewrite g_abs by exact P.
  destruct (sqrt_form _ P) as [q [Hq [E ->]]]; rewrite E in *.
  assert (q < 1) by nra; rewrite Rabs_left by nra.
  replace (/ 4 - - (q * q - q)) with ((/ 2 - q) ^ 2) by field.
  replace ((/ 4 - q * q) ^ 2) with ((/ 2 - q) ^ 2 * (/ 2 + q) ^ 2) by field.
  assert (0 <= (/ 2 - q) ^ 2) by apply pow2_ge_0.
  assert (/ 4 <= (/ 2 + q) ^ 2) by nra; split; nra.
Qed.

(** The error 1/4 - r contracts at least by (1/2 - q)/(1/2 + q), q the square root of the
    first r <= 1/4; r increases, so this factor serves for all later steps. *)
Lemma quarter_contract : forall r0 r, 0 < r0 <= r -> r <= / 4 ->
  r <= sqrt r - r <= / 4 /\
  / 4 - (sqrt r - r) <= (/ 2 - sqrt r0) / (/ 2 + sqrt r0) * (/ 4 - r).
Proof.
  intros r0 r H B.
  destruct (sqrt_form r0) as [p [Hp [Ep ->]]]; [lra|].
  destruct (sqrt_form r) as [q [Hq [Eq ->]]]; [lra|].
  assert (p <= q) by nra; assert (q <= / 2) by nra; subst r r0.
  split; [nra|].
  apply Rmult_le_reg_r with (/ 2 + p); [lra|].
  replace ((/ 2 - p) / (/ 2 + p) * (/ 4 - q * q) * (/ 2 + p))
    with ((/ 2 - p) * ((/ 2 - q) * (/ 2 + q))) by (field; lra).
  replace (/ 4 - (q - q * q)) with ((/ 2 - q) * (/ 2 - q)) by field.
  assert (0 <= (/ 2 - q) * (q - p)) by (apply Rmult_le_pos; lra); nra.
Qed.

Lemma unit_orbit : forall y, 0 < y < 1 -> Un_cv (fun k => (-1) ^ k * iter g k y) (/ 4).
Proof.
  intros y Hy; set (r := fun k => (-1) ^ k * iter g k y).
  assert (St : forall k, 0 < r k < 1 -> r (S k) = sqrt (r k) - r k).
  { intros k; unfold r; cbn [iter pow].
    destruct (Nat.Even_or_Odd k) as [[m ->]|[m ->]].
    - rewrite pow_1_even, !Rmult_1_l; intros H; rewrite g_pos by lra; ring.
    - rewrite Nat.add_1_r, pow_1_odd.
      set (z := iter g (S (2 * m)) y); intros H.
      replace z with (- - z) at 1 by ring; rewrite g_opp, g_pos by lra.
      replace (-1 * z) with (- z) by ring; ring. }
  assert (R0 : r O = y) by (unfold r; cbn [iter pow]; ring).
  assert (H1 : 0 < r 1%nat <= / 4).
  { rewrite St; rewrite R0; [|lra]; destruct (sqrt_form y) as [q [Hq [E ->]]]; [lra|].
    assert (q < 1) by nra; assert (V := Rle_0_sqr (q - / 2)); unfold Rsqr in V; split; nra. }
  set (b := (/ 2 - sqrt (r 1%nat)) / (/ 2 + sqrt (r 1%nat))).
  assert (Hb : 0 <= b < 1).
  { unfold b; destruct (sqrt_form (r 1%nat)) as [q [Hq [E ->]]]; [lra|].
    assert (q <= / 2) by nra; split.
    - apply Rmult_le_pos; [lra|]; left; apply Rinv_0_lt_compat; lra.
    - apply Rmult_lt_reg_r with (/ 2 + q); [lra|]; field_simplify; lra. }
  assert (I : forall k, r 1%nat <= r (S k) <= / 4 /\ / 4 - r (S k) <= b ^ k * (/ 4 - r 1%nat)).
  { induction k as [|k [I B]]; [cbn [pow]; lra|].
    destruct (quarter_contract (r 1%nat) (r (S k))) as [J C]; [lra|lra|].
    rewrite <- (St (S k)) in J, C by lra; fold b in C; split; [lra|].
    cbn [pow]; rewrite Rmult_assoc; apply Rle_trans with (1 := C).
    apply Rmult_le_compat_l; lra. }
  apply CV_shift with 1%nat, geometric_cv with b (/ 4 - r 1%nat); [exact Hb|].
  intros k; replace (k + 1)%nat with (S k) by lia; destruct (I k) as [J C].
  rewrite Rabs_left1; lra.
Qed.

Theorem g_converges : forall y, ~ inS y ->
  exists sigma, (sigma = 1 \/ sigma = -1) /\
    Un_cv (fun k => (-1) ^ k * iter g k y) (sigma * / 4).
Proof.
  intros y NS.
  assert (Hn : exists n, Rabs y < INR n).
  { exists (Z.to_nat (up (Rabs y))); destruct (archimed (Rabs y)) as [A _].
    assert (P := Rabs_pos y); rewrite INR_IZR_INZ, Z2Nat.id; [exact A|].
    apply le_IZR; lra. }
  destruct Hn as [n Hn].
  destruct (enters_unit n y NS) as [k0 Hk]; [lra|].
  set (z := iter g k0 y) in *.
  assert (Z : exists e, (e = 1 \/ e = -1) /\ Un_cv (fun j => (-1) ^ j * iter g j z) (e * / 4)).
  { destruct (Rtotal_order z 0) as [N|[E|P]].
    - exists (-1); split; [auto|].
      rewrite Rabs_left in Hk by exact N.
      apply Un_cv_ext with (fun j => -1 * ((-1) ^ j * iter g j (- z))).
      + intros j; rewrite iter_g_opp; ring.
      + apply cv_scal, unit_orbit; lra.
    - rewrite E, Rabs_R0 in Hk; lra.
    - exists 1; split; [auto|]; rewrite Rmult_1_l; apply unit_orbit.
      rewrite Rabs_right in Hk; lra. }
  destruct Z as [e [He Ce]]; exists ((-1) ^ k0 * e); split.
  - destruct (Nat.Even_or_Odd k0) as [[m ->]|[m ->]].
    + rewrite pow_1_even; lra.
    + rewrite Nat.add_1_r, pow_1_odd; lra.
  - apply CV_shift with k0.
    apply Un_cv_ext with (fun j => (-1) ^ k0 * ((-1) ^ j * iter g j z)).
    + intros j; unfold z; rewrite iter_add, pow_add; ring.
    + rewrite Rmult_assoc; apply cv_scal, Ce.
Qed.

(** ** Scaling: x = delta^2 y *)

Lemma ex1_step_scale : forall delta y, 0 < delta ->
  ex1_step delta (delta ^ 2 * y) = delta ^ 2 * g y.
Proof.
  intros delta y Hd; unfold ex1_step, g.
  assert (D : 0 < delta ^ 2) by (apply pow_lt; exact Hd).
  assert (Q : sqrt (Rabs (delta ^ 2 * y)) = delta * sqrt (Rabs y)).
  { rewrite Rabs_mult, (Rabs_right (delta ^ 2)), sqrt_mult by (try apply Rabs_pos; lra).
    rewrite sqrt_pow2; lra. }
  assert (E : sgn (delta ^ 2 * y) = sgn y).
  { destruct (Rtotal_order y 0) as [N|[->|P]].
    - rewrite !sgn_neg; nra.
    - rewrite Rmult_0_r; reflexivity.
    - rewrite !sgn_pos; nra. }
  rewrite Q, E; ring.
Qed.

Theorem ex1_scaling : forall delta x k, 0 < delta ->
  iter (ex1_step delta) k x = delta ^ 2 * iter g k (x / delta ^ 2).
Proof.
  intros delta x k Hd; assert (D : 0 < delta ^ 2) by (apply pow_lt; exact Hd).
  induction k as [|k IH]; cbn [iter]; [field; lra|].
  rewrite IH, ex1_step_scale by exact Hd; reflexivity.
Qed.

(** For runs x 0, x 1, ... of gradient descent on the loss itself. *)
Theorem ex1_reaches_iff : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  ((exists k, x k = 0) <-> inS (x O / delta ^ 2)).
Proof.
  intros delta x Hd D; assert (P : 0 < delta ^ 2) by (apply pow_lt; exact Hd).
  rewrite <- g_reaches_iff; rewrite ex1_descent in D.
  split; intros [k E]; exists k; [rewrite (D k) in E|rewrite (D k)];
    rewrite ex1_scaling in * by exact Hd.
  - apply Rmult_integral in E; destruct E as [E|E]; [lra|exact E].
  - rewrite E; ring.
Qed.

Theorem ex1_converges : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  ~ inS (x O / delta ^ 2) ->
  exists sigma, (sigma = 1 \/ sigma = -1) /\
    Un_cv (fun k => (-1) ^ k * x k) (sigma * (delta ^ 2 / 4)).
Proof.
  intros delta x Hd D NS; destruct (g_converges _ NS) as [e [He C]]; exists e; split; [exact He|].
  replace (e * (delta ^ 2 / 4)) with (delta ^ 2 * (e * / 4)) by field.
  apply Un_cv_ext with (fun k => delta ^ 2 * ((-1) ^ k * iter g k (x O / delta ^ 2))).
  - intros k; rewrite ex1_descent in D; rewrite (D k), ex1_scaling by exact Hd; ring.
  - apply cv_scal, C.
Qed.

Theorem ex1_orbit : forall delta, 0 < delta ->
  ex1_step delta (delta ^ 2 / 4) = - (delta ^ 2 / 4) /\
  ex1_step delta (- (delta ^ 2 / 4)) = delta ^ 2 / 4.
Proof.
  intros delta Hd.
  assert (G : g (/ 4) = - / 4).
  { rewrite g_pos by lra; replace (/ 4) with (/ 2 * / 2) by field; rewrite sqrt_square; lra. }
  replace (delta ^ 2 / 4) with (delta ^ 2 * / 4) by field.
  rewrite Ropp_mult_distr_r, !ex1_step_scale, g_opp, G by exact Hd; lra.
Qed.

Theorem ex1_equilibrium : forall delta x, 0 < delta -> (ex1_step delta x = x <-> x = 0).
Proof.
  intros delta x Hd; unfold ex1_step; split; intros E.
  - destruct (Rtotal_order x 0) as [N|[Z|P]]; [exfalso|exact Z|exfalso].
    + rewrite sgn_neg in E by exact N; assert (Q := sqrt_lt_R0 (Rabs x)).
      rewrite Rabs_left in * by exact N; nra.
    + rewrite sgn_pos in E by exact P; assert (Q := sqrt_lt_R0 (Rabs x)).
      rewrite Rabs_right in * by lra; nra.
  - rewrite E, sgn_0; ring.
Qed.
