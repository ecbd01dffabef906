(** The largest step size for the chain of equal scalar weights: twice that of Lemma 3.

    Proves, for every L >= 2 and lambda > 0, with t = lambda^(1/L):
    - [sharp_converges]: 0 < delta <= 2 / (L lambda^(2(L-1)/L)) leads to t from every start
      x > 0 whose first step is positive;
    - [sharp_ge1]: so from 1, if lambda >= 1;
    - [sharp_lt1]: and from 1, if lambda < 1 and delta (1 - lambda) < 1;
    - [sharp_lt1_zero]: at delta (1 - lambda) = 1 the weights are 0 after one step.

    The idea: in y = w/t the step is y + d y^(L-1) (1 - y^L), d = delta t^(2L-2) <= 2/L.
    It need not contract |y - 1|, but |y^(3L-2) - 1| decreases in every step.  It is enough to
    see this for d = 2/L, where, f being the map and a = 3L-2, the derivative of
    ln (2 - y^a) - a ln f(y) is - (2a/L) P(y) / ((2 - y^a) f(y)) with P(y) > 0 for y <> 1
    ([discriminant]).

    Notation: see Definitions.v. *)

Require Import Reals Ranalysis5 Lra Lia Psatz.
From Symgd Require Import Definitions Sequences Lem3.
Local Open Scope R_scope.

(** ** From a decreasing distance to a limit *)

Lemma pow_below : forall x n, 0 <= x <= 1 -> (1 <= n)%nat -> x ^ n <= x.
Proof.
  intros x [|n] H Hn; [lia|]; cbn [pow].
  assert (x ^ n <= 1 ^ n) by (apply pow_incr; lra); rewrite pow1 in *.
  assert (0 <= x ^ n) by (apply pow_le; lra); nra.
Qed.

Lemma pow_above : forall x n, 1 <= x -> (1 <= n)%nat -> x <= x ^ n.
Proof.
  intros x [|n] H Hn; [lia|]; cbn [pow].
  assert (1 <= x ^ n) by (apply pow_R1_Rle; lra); nra.
Qed.

Lemma pow_distance : forall x n, 0 <= x -> (1 <= n)%nat -> Rabs (x - 1) <= Rabs (x ^ n - 1).
Proof.
  intros x n H Hn; destruct (Rle_lt_dec 1 x).
  - assert (B := pow_above x n r Hn); rewrite !Rabs_right; lra.
  - assert (B := pow_below x n (conj H (Rlt_le _ _ r)) Hn); rewrite !Rabs_left1; lra.
Qed.

(** If |y^a - 1| < 1 falls at each step of a continuous map on 0 < y, y^a < 2, then the
    iterates tend to 1: otherwise it would fall by a fixed amount each time. *)
Lemma distance_falls : forall (f : R -> R) a y, (1 <= a)%nat ->
  (forall x, continuity_pt f x) ->
  (forall x, 0 < x -> x ^ a < 2 -> 0 < f x) ->
  (forall x, 0 < x -> x ^ a < 2 -> x <> 1 -> Rabs (f x ^ a - 1) < Rabs (x ^ a - 1)) ->
  f 1 = 1 -> 0 < y -> y ^ a < 2 -> Un_cv (fun k => iter f k y) 1.
Proof.
  intros f a y Ha Cf Pf Ff F1 Hy0 Hy2.
  set (V := fun x => Rabs (x ^ a - 1)).
  assert (Fle : forall x, 0 < x -> x ^ a < 2 -> V (f x) <= V x).
  { intros x H0 H2; destruct (Req_dec x 1) as [->|N]; [unfold V; rewrite F1; lra|].
    left; apply Ff; assumption. }
  assert (V1 : forall x, 0 < x -> V x < 1 -> x ^ a < 2)
    by (intros x _ H; unfold V in H; apply Rabs_def2 in H; lra).
  assert (V0 : V y < 1).
  { unfold V; assert (0 < y ^ a) by (apply pow_lt; exact Hy0); apply Rabs_def1; lra. }
  set (u := fun k => V (iter f k y)).
  assert (I : forall k, 0 < iter f k y /\ u k <= V y /\ u (S k) <= u k).
  { induction k as [|k [I [J K]]].
    - unfold u; cbn [iter]; split; [exact Hy0|]; split; [lra|]; apply Fle; assumption.
    - assert (P : 0 < iter f (S k) y) by (apply Pf, V1; [exact I|exact I|change (u k < 1); lra]).
      split; [exact P|]; split; [lra|].
      apply (Fle (iter f (S k) y)), V1; [exact P|exact P|change (u (S k) < 1); lra]. }
  assert (D : Un_decreasing u) by (intros k; apply I).
  assert (U : forall k, 0 <= u k) by (intros; apply Rabs_pos).
  assert (B : has_lb u).
  { exists 0; intros z [k ->]; unfold opp_seq; assert (P := U k); lra. }
  destruct (decreasing_cv u D B) as [v Hv].
  assert (Hu : forall k, v <= u k) by (apply decreasing_ineq; assumption).
  assert (Hv0 : 0 <= v).
  { destruct (Rle_lt_dec 0 v) as [|N]; auto.
    destruct (Hv (- v)) as [n Hn]; [lra|]; specialize (Hn n (le_n _)); specialize (U n).
    unfold R_dist in Hn; rewrite Rabs_right in Hn; lra. }
  destruct Hv0 as [Hp|Hz].
  2:{ intros eps He; destruct (Hv eps He) as [N HN]; exists N; intros n Hn.
      specialize (HN n Hn); specialize (I n); unfold R_dist in *.
      rewrite <- Hz, Rminus_0_r, Rabs_right in HN by (apply Rle_ge, U).
      apply Rle_lt_trans with (2 := HN); apply pow_distance; [lra|exact Ha]. }
  exfalso.
  set (G := fun x => V x - V (f x)).
  assert (CG : forall x, continuity_pt G x).
  { assert (CV : forall x, continuity_pt V x).
    { intros x; unfold V; apply (continuity_pt_comp (fun x => x ^ a - 1) Rabs); [|apply Rcontinuity_abs].
      apply continuity_pt_minus; [apply derivable_continuous_pt, derivable_pt_pow|].
      apply continuity_pt_const; intros p q; reflexivity. }
    intros x; unfold G; apply continuity_pt_minus; [apply CV|].
    apply (continuity_pt_comp f V); [apply Cf|apply CV]. }
  assert (v1 : v <= V y) by exact (Hu O).
  assert (Gap : forall lo hi, 0 < lo -> lo <= hi -> hi < 2 -> (hi < 1 \/ 1 < lo) ->
    exists eta, 0 < eta /\ forall x, 0 < x -> lo <= x ^ a <= hi -> eta <= G x).
  { intros lo hi L0 LH H2 N1.
    assert (R1 := root_pow a lo Ha L0); assert (R2 := root_pow a hi Ha ltac:(lra)).
    assert (RP1 := root_pos a lo); assert (RP2 := root_pos a hi).
    assert (Back : forall x z, 0 < x -> 0 < z -> x ^ a <= z ^ a -> x <= z).
    { intros x z X Z H; destruct (Rle_lt_dec x z) as [|C]; auto.
      assert (z ^ a < x ^ a) by (apply pow_lt_mono; [lra|exact Ha]); lra. }
    destruct (continuity_ab_min G (root a lo) (root a hi)) as [x0 [M [X1 X2]]].
    - apply Back; lra.
    - intros c _; apply CG.
    - exists (G x0); split.
      + assert (lo <= x0 ^ a) by (rewrite <- R1; apply pow_incr; lra).
        assert (x0 ^ a <= hi) by (rewrite <- R2; apply pow_incr; lra).
        unfold G, V; assert (x0 <> 1) by (intros ->; rewrite pow1 in *; lra).
        assert (Rabs (f x0 ^ a - 1) < Rabs (x0 ^ a - 1)) by (apply Ff; lra); lra.
      + intros x X [A1 A2]; apply M; rewrite <- R1 in A1; rewrite <- R2 in A2; split; apply Back; lra. }
  destruct (Gap (1 - V y) (1 - v)) as [e1 [E1 M1]]; try lra.
  destruct (Gap (1 + v) (1 + V y)) as [e2 [E2 M2]]; try lra.
  set (eta := Rmin e1 e2); assert (E : 0 < eta) by (apply Rmin_pos; assumption).
  assert (St : forall k, u (S k) <= u k - eta).
  { intros k; destruct (I k) as [P [J _]]; assert (W := Hu k).
    assert (eta <= G (iter f k y)); [|unfold G in *; fold (u k) in *; unfold u at 1; cbn [iter]; lra].
    unfold u, V in J, W; destruct (Rle_lt_dec 1 (iter f k y ^ a)) as [C|C].
    - rewrite Rabs_right in J, W by lra; apply Rle_trans with e2; [apply Rmin_r|].
      apply M2; [exact P|]; unfold V; lra.
    - rewrite Rabs_left in J, W by lra; apply Rle_trans with e1; [apply Rmin_l|].
      apply M1; [exact P|]; unfold V; lra. }
  assert (Sum : forall k, u k <= u O - INR k * eta).
  { induction k as [|k IH]; [cbn [INR]; lra|]; specialize (St k); rewrite S_INR; lra. }
  destruct (archimed_cor1 (eta / (u O + 1))) as [n [Hn N0]].
  { specialize (U O); apply Rdiv_lt_0_compat; lra. }
  specialize (Sum n); assert (U0 := U O); specialize (U n).
  assert (n0 : 0 < INR n) by (apply lt_0_INR; exact N0).
  apply (Rmult_lt_compat_r (INR n * (u O + 1))) in Hn; [|apply Rmult_lt_0_compat; lra].
  replace (/ INR n * (INR n * (u O + 1))) with (u O + 1) in Hn by (field; lra).
  replace (eta / (u O + 1) * (INR n * (u O + 1))) with (INR n * eta) in Hn by (field; lra); lra.
Qed.

(** ** The scaled map *)

Section Scaled.

Variable L : nat.
Hypothesis L_ge2 : (2 <= L)%nat.

Let a := (3 * L - 2)%nat.
Definition scaled (d y : R) : R := y + d * (y ^ (L - 1) * (1 - y ^ L)).
Let f (y : R) : R := scaled (2 / INR L) y.

Let l_ge2 : 2 <= INR L.
Proof. replace 2 with (INR 2) by reflexivity; apply le_INR; exact L_ge2. Qed.

Let powers : forall y, y ^ (L - 1) = y * y ^ (L - 2) /\ y ^ a = y ^ (L - 2) * (y ^ L * y ^ L) /\
  y ^ L = y * (y * y ^ (L - 2)).
Proof.
  intros y; unfold a; rewrite <- !pow_add; repeat split.
  - replace (L - 1)%nat with (S (L - 2)) by lia; reflexivity.
  - f_equal; lia.
  - replace L with (S (S (L - 2))) at 1 by lia; reflexivity.
Qed.

(** The polynomial that decides, as a sum of terms that are not negative. *)
Definition discriminant (y : R) : R :=
  INR L * (1 - y ^ (L - 2) * y ^ L) ^ 2 + 2 * (INR L - 1) * (y ^ (L - 2) * (1 - y ^ L) ^ 2) +
  2 * (INR L - 1) * (y ^ (L - 2) * y ^ L * ((y ^ (L - 2) * y ^ L - 1) * (y ^ L - 1))).

Lemma discriminant_pos : forall y, 0 < y -> y <> 1 -> 0 < discriminant y.
Proof.
  intros y Hy N; unfold discriminant.
  assert (P : 0 < y ^ (L - 2)) by (apply pow_lt; exact Hy).
  assert (Q : 0 < y ^ L) by (apply pow_lt; exact Hy).
  assert (S : 0 <= (y ^ (L - 2) * y ^ L - 1) * (y ^ L - 1) /\ y ^ L <> 1).
  { destruct (Rtotal_order y 1) as [C|[C|C]]; [|lra|].
    - assert (y ^ (L - 2) <= 1) by (rewrite <- (pow1 (L - 2)); apply pow_incr; lra).
      assert (y ^ L < 1) by (rewrite <- (pow1 L); apply pow_lt_mono; [lra|lia]).
      assert (y ^ (L - 2) * y ^ L <= 1) by nra.
      assert (0 <= (1 - y ^ (L - 2) * y ^ L) * (1 - y ^ L)) by (apply Rmult_le_pos; lra); lra.
    - assert (1 <= y ^ (L - 2)) by (apply pow_R1_Rle; lra).
      assert (1 < y ^ L) by (rewrite <- (pow1 L); apply pow_lt_mono; [lra|lia]).
      assert (1 <= y ^ (L - 2) * y ^ L) by nra.
      assert (0 <= (y ^ (L - 2) * y ^ L - 1) * (y ^ L - 1)) by (apply Rmult_le_pos; lra); lra. }
  destruct S as [S N1].
  assert (0 <= INR L * (1 - y ^ (L - 2) * y ^ L) ^ 2) by (apply Rmult_le_pos; [lra|apply pow2_ge_0]).
  assert (0 < 2 * (INR L - 1) * (y ^ (L - 2) * (1 - y ^ L) ^ 2)).
  { apply Rmult_lt_0_compat; [lra|]; apply Rmult_lt_0_compat; [exact P|].
    assert (0 < (1 - y ^ L) * (1 - y ^ L)) by (apply Rsqr_pos_lt; lra); nra. }
  assert (0 <= 2 * (INR L - 1) * (y ^ (L - 2) * y ^ L * ((y ^ (L - 2) * y ^ L - 1) * (y ^ L - 1)))).
  { apply Rmult_le_pos; [lra|]; apply Rmult_le_pos; [|exact S].
    left; apply Rmult_lt_0_compat; assumption. }
  lra.
Qed.

Let slope (y : R) : R := 1 + 2 / INR L * ((INR L - 1) * y ^ (L - 2) - (2 * INR L - 1) * (y ^ (L - 2) * y ^ L)).

Lemma scaled_cont : forall d y, continuity_pt (scaled d) y.
Proof.
  intros d y; unfold scaled.
  assert (C : forall n x, continuity_pt (fun z => z ^ n) x)
    by (intros; apply derivable_continuous_pt, derivable_pt_pow).
  assert (K : forall c x, continuity_pt (fun _ => c) x)
    by (intros; apply continuity_pt_const; intros p q; reflexivity).
  apply continuity_pt_plus; [apply derivable_continuous_pt, derivable_pt_id|].
  apply continuity_pt_mult; [apply K|]; apply continuity_pt_mult; [apply C|].
  apply continuity_pt_minus; [apply K|apply C].
Qed.

Lemma f_slope : forall y, derivable_pt_lim f y (slope y).
Proof.
  intros y; unfold f, scaled.
  apply (derivable_pt_lim_ext (id + mult_real_fct (2 / INR L) ((fun z => z ^ (L - 1)) - (fun z => z ^ (2 * L - 1))))%F).
  - intros z; unfold plus_fct, mult_real_fct, minus_fct, id.
    replace (2 * L - 1)%nat with (L - 1 + L)%nat by lia; rewrite pow_add; ring.
  - replace (slope y) with (1 + 2 / INR L * (INR (L - 1) * y ^ pred (L - 1) - INR (2 * L - 1) * y ^ pred (2 * L - 1))).
    + apply derivable_pt_lim_plus; [apply derivable_pt_lim_id|].
      apply derivable_pt_lim_scal, derivable_pt_lim_minus; apply derivable_pt_lim_pow.
    + unfold slope; rewrite !minus_INR, mult_INR by lia; cbn [INR].
      replace (pred (L - 1)) with (L - 2)%nat by lia.
      replace (pred (2 * L - 1)) with (L - 2 + L)%nat by lia; rewrite pow_add.
      replace (1 + 1) with 2 by ring; reflexivity.
Qed.

Let F (y : R) : R := ln (2 - y ^ a) - INR a * ln (f y).

Lemma F_slope : forall y, 0 < y -> y ^ a < 2 -> 0 < f y ->
  derivable_pt_lim F y (- (2 * INR a / INR L * discriminant y / ((2 - y ^ a) * f y))).
Proof.
  intros y Hy H2 Hf; unfold F.
  destruct (powers y) as [P1 [P2 P3]].
  assert (Pa : y ^ a = y * y ^ pred a).
  { replace a with (S (pred a)) at 1 by (unfold a; lia); reflexivity. }
  replace (- (2 * INR a / INR L * discriminant y / ((2 - y ^ a) * f y)))
    with (/ (2 - y ^ a) * (0 - INR a * y ^ pred a) - INR a * (/ f y * slope y)).
  - apply (derivable_pt_lim_minus (fun z => ln (2 - z ^ a)) (fun z => INR a * ln (f z))).
    + apply (derivable_pt_lim_comp (fun z => 2 - z ^ a) ln).
      * apply (derivable_pt_lim_minus (fun _ => 2)); [apply derivable_pt_lim_const|apply derivable_pt_lim_pow].
      * apply derivable_pt_lim_ln; lra.
    + apply (derivable_pt_lim_scal (fun z => ln (f z))).
      apply (derivable_pt_lim_comp f ln); [apply f_slope|apply derivable_pt_lim_ln; exact Hf].
  - assert (E : y ^ pred a * f y + (2 - y ^ a) * slope y = 2 / INR L * discriminant y).
    { replace (y ^ pred a * f y) with (y ^ a * (1 + 2 / INR L * (y ^ (L - 2) * (1 - y ^ L))))
        by (unfold f, scaled; rewrite Pa, P1; ring).
      rewrite P2; unfold slope, discriminant; field; lra. }
    apply Rmult_eq_reg_r with ((2 - y ^ a) * f y); [|apply Rgt_not_eq, Rmult_lt_0_compat; lra].
    replace ((/ (2 - y ^ a) * (0 - INR a * y ^ pred a) - INR a * (/ f y * slope y)) * ((2 - y ^ a) * f y))
      with (- (INR a * (y ^ pred a * f y + (2 - y ^ a) * slope y))) by (field; lra).
    rewrite E; field; repeat split; lra.
Qed.

Lemma f_one : forall d, scaled d 1 = 1.
Proof. intros; unfold scaled; rewrite !pow1; ring. Qed.

Lemma f_pos : forall y, 0 < y -> y ^ a < 2 -> 0 < f y.
Proof.
  intros y Hy H2; destruct (powers y) as [P1 [P2 P3]].
  assert (P : 0 < y ^ (L - 2)) by (apply pow_lt; exact Hy).
  assert (Q : 0 < y ^ L) by (apply pow_lt; exact Hy).
  unfold f, scaled; rewrite P1.
  replace (y + 2 / INR L * (y * y ^ (L - 2) * (1 - y ^ L)))
    with (y * (1 + 2 / INR L * (y ^ (L - 2) * (1 - y ^ L)))) by ring.
  apply Rmult_lt_0_compat; [exact Hy|].
  assert (D : 0 < 2 / INR L <= 1).
  { split; [apply Rdiv_lt_0_compat; lra|]; apply Rmult_le_reg_r with (INR L); [lra|].
    replace (2 / INR L * INR L) with 2 by (field; lra); lra. }
  destruct (Rle_lt_dec y 1) as [C|C].
  - assert (y ^ L <= 1) by (rewrite <- (pow1 L); apply pow_incr; lra).
    assert (0 <= y ^ (L - 2) * (1 - y ^ L)) by (apply Rmult_le_pos; lra).
    assert (0 <= 2 / INR L * (y ^ (L - 2) * (1 - y ^ L))) by (apply Rmult_le_pos; lra); lra.
  - assert (1 <= y ^ (L - 2)) by (apply pow_R1_Rle; lra).
    assert (1 < y ^ L) by (rewrite <- (pow1 L); apply pow_lt_mono; [lra|lia]).
    rewrite P2 in H2.
    assert (0 <= y ^ (L - 2) * y ^ L * (y ^ L - 1))
      by (apply Rmult_le_pos; [left; apply Rmult_lt_0_compat|]; lra).
    assert (0 < 2 / INR L * (y ^ (L - 2) * (1 - y ^ L) + 1)) by (apply Rmult_lt_0_compat; lra).
    lra.
Qed.

(** Both sides of the fixed point: f(y)^a is nearer to 1 than y^a. *)
Lemma f_below : forall y, 0 < y < 1 -> f y ^ a < 2 - y ^ a.
Proof.
  intros y Hy.
  assert (Ya : forall z, 0 < z <= 1 -> z ^ a < 2).
  { intros z Hz; assert (z ^ a <= 1); [rewrite <- (pow1 a); apply pow_incr|]; lra. }
  destruct (MVT_cor2 F (fun z => - (2 * INR a / INR L * discriminant z / ((2 - z ^ a) * f z))) y 1) as [c [E C]].
  - lra.
  - intros c Hc; apply F_slope; [lra|apply Ya; lra|apply f_pos; [lra|apply Ya; lra]].
  - assert (A2 := Ya c ltac:(lra)); assert (P := f_pos c ltac:(lra) A2).
    assert (Q := discriminant_pos c ltac:(lra) ltac:(lra)).
    assert (A : 0 < INR a) by (apply lt_0_INR; unfold a; lia).
    assert (N : 0 < 2 * INR a / INR L * discriminant c / ((2 - c ^ a) * f c)).
    { apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; try lra; apply Rdiv_lt_0_compat; lra. }
    assert (F1 : F 1 = 0).
    { unfold F, f; rewrite f_one, pow1; replace (2 - 1) with 1 by ring; rewrite ln_1; ring. }
    rewrite F1 in E; assert (FY : 0 < F y).
    { set (q := 2 * INR a / INR L * discriminant c / ((2 - c ^ a) * f c)) in *.
      assert (0 < q * (1 - y)) by (apply Rmult_lt_0_compat; lra); lra. }
    assert (Y2 := Ya y ltac:(lra)); assert (PY := f_pos y ltac:(lra) Y2).
    apply ln_lt_inv; [apply pow_lt; exact PY|lra|].
    unfold F in FY; rewrite ln_pow by exact PY; lra.
Qed.

Lemma f_above : forall y, 1 < y -> y ^ a < 2 -> 2 - y ^ a < f y ^ a.
Proof.
  intros y Hy Hy2.
  assert (Ya : forall z, 1 <= z <= y -> z ^ a < 2).
  { intros z Hz; assert (z ^ a <= y ^ a); [apply pow_incr|]; lra. }
  destruct (MVT_cor2 F (fun z => - (2 * INR a / INR L * discriminant z / ((2 - z ^ a) * f z))) 1 y) as [c [E C]].
  - lra.
  - intros c Hc; apply F_slope; [lra|apply Ya; lra|apply f_pos; [lra|apply Ya; lra]].
  - assert (A2 := Ya c ltac:(lra)); assert (P := f_pos c ltac:(lra) A2).
    assert (Q := discriminant_pos c ltac:(lra) ltac:(lra)).
    assert (A : 0 < INR a) by (apply lt_0_INR; unfold a; lia).
    assert (N : 0 < 2 * INR a / INR L * discriminant c / ((2 - c ^ a) * f c)).
    { apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; try lra; apply Rdiv_lt_0_compat; lra. }
    assert (F1 : F 1 = 0).
    { unfold F, f; rewrite f_one, pow1; replace (2 - 1) with 1 by ring; rewrite ln_1; ring. }
    rewrite F1 in E; assert (FY : F y < 0).
    { set (q := 2 * INR a / INR L * discriminant c / ((2 - c ^ a) * f c)) in *.
      assert (0 < q * (y - 1)) by (apply Rmult_lt_0_compat; lra); lra. }
    assert (PY := f_pos y ltac:(lra) Hy2).
    apply ln_lt_inv; [lra|apply pow_lt; exact PY|].
    unfold F in FY; rewrite ln_pow by exact PY; lra.
Qed.

Section Step.

Variable d : R.
Hypothesis d_bound : 0 < d <= 2 / INR L.

Lemma scaled_between : forall y, 0 < y ->
  (y < 1 -> y < scaled d y <= f y) /\ (1 < y -> f y <= scaled d y < y).
Proof.
  intros y Hy; unfold f, scaled; assert (P : 0 < y ^ (L - 1)) by (apply pow_lt; exact Hy).
  split; intros H.
  - assert (y ^ L < 1) by (rewrite <- (pow1 L); apply pow_lt_mono; [lra|lia]).
    assert (Q : 0 < y ^ (L - 1) * (1 - y ^ L)) by (apply Rmult_lt_0_compat; lra).
    split; [nra|]; apply Rplus_le_compat_l, Rmult_le_compat_r; lra.
  - assert (1 < y ^ L) by (rewrite <- (pow1 L); apply pow_lt_mono; [lra|lia]).
    assert (Q : 0 < y ^ (L - 1) * (y ^ L - 1)) by (apply Rmult_lt_0_compat; lra).
    split; nra.
Qed.

Lemma scaled_converges : forall y, 0 < y -> y ^ a < 2 -> Un_cv (fun k => iter (scaled d) k y) 1.
Proof.
  intros y Hy Hy2; apply distance_falls with a; auto.
  - unfold a; lia.
  - apply scaled_cont.
  - intros x Hx H2; destruct (scaled_between x Hx) as [A B].
    destruct (Rtotal_order x 1) as [C|[->|C]]; [specialize (A C); lra|rewrite f_one; lra|].
    specialize (B C); assert (P := f_pos x Hx H2); lra.
  - intros x Hx H2 N; destruct (scaled_between x Hx) as [A B].
    assert (a1 : (1 <= a)%nat) by (unfold a; lia).
    destruct (Rtotal_order x 1) as [C|[C|C]]; [|lra|].
    + specialize (A C); assert (M := f_below x (conj Hx C)).
      assert (x ^ a < scaled d x ^ a) by (apply pow_lt_mono; [lra|exact a1]).
      assert (scaled d x ^ a <= f x ^ a) by (apply pow_incr; lra).
      assert (x ^ a < 1) by (rewrite <- (pow1 a); apply pow_lt_mono; [lra|exact a1]).
      rewrite (Rabs_left (x ^ a - 1)) by lra; apply Rabs_def1; lra.
    + specialize (B C); assert (M := f_above x C H2); assert (P := f_pos x Hx H2).
      assert (scaled d x ^ a < x ^ a) by (apply pow_lt_mono; [lra|exact a1]).
      assert (f x ^ a <= scaled d x ^ a) by (apply pow_incr; lra).
      assert (1 < x ^ a) by (rewrite <- (pow1 a); apply pow_lt_mono; [lra|exact a1]).
      rewrite (Rabs_right (x ^ a - 1)) by lra; apply Rabs_def1; lra.
  - apply f_one.
Qed.

End Step.
End Scaled.

(** ** Back to the weights *)

Section Sharp.

Variables (L : nat) (lambda delta : R).
Hypothesis L_ge2 : (2 <= L)%nat.
Hypothesis lambda_pos : 0 < lambda.
Hypothesis delta_bound : 0 < delta <= 2 / balanced_sharpness L lambda.

Let t := root L lambda.
Let d := delta * t ^ (2 * (L - 1)).

Let t_pos : 0 < t.
Proof. apply root_pos. Qed.

Let t_pow : t ^ L = lambda.
Proof. apply root_pow; [lia|exact lambda_pos]. Qed.

Lemma d_bound : 0 < d <= 2 / INR L.
Proof.
  assert (S := root_sharpness L lambda ltac:(lia) lambda_pos); fold t in S.
  assert (B := sharpness_pos L lambda ltac:(lia)).
  assert (l : 0 < INR L) by (apply lt_0_INR; lia).
  assert (P : 0 < t ^ (2 * (L - 1))) by (apply pow_lt, t_pos).
  unfold d; split; [apply Rmult_lt_0_compat; lra|].
  apply Rmult_le_reg_l with (INR L); [exact l|].
  replace (INR L * (2 / INR L)) with 2 by (field; lra).
  replace (INR L * (delta * t ^ (2 * (L - 1)))) with (delta * balanced_sharpness L lambda)
    by (rewrite <- S; ring).
  destruct delta_bound as [_ D]; apply (Rmult_le_compat_r (balanced_sharpness L lambda)) in D; [|lra].
  replace (2 / balanced_sharpness L lambda * balanced_sharpness L lambda) with 2 in D by (field; lra).
  exact D.
Qed.

Lemma step_scaled : forall y, chain_step L lambda delta (t * y) = t * scaled L d y.
Proof.
  intros y; unfold chain_step, scaled, d; rewrite !Rpow_mult_distr, t_pow.
  replace (2 * (L - 1))%nat with (L - 1 + (L - 1))%nat by lia; rewrite pow_add.
  assert (E : t * t ^ (L - 1) = lambda).
  { rewrite <- t_pow; replace L with (S (L - 1)) at 2 by lia; reflexivity. }
  rewrite <- E; ring.
Qed.

Theorem sharp_step : forall x, 0 < x -> x ^ (3 * L - 2) < 2 * t ^ (3 * L - 2) ->
  Un_cv (fun k => iter (chain_step L lambda delta) k x) t.
Proof.
  intros x Hx H2; set (y := x / t).
  assert (X : x = t * y) by (unfold y; field; lra).
  assert (Y : 0 < y) by (apply Rdiv_lt_0_compat; lra).
  assert (It : forall k, iter (chain_step L lambda delta) k x = t * iter (scaled L d) k y).
  { induction k as [|k IH]; cbn [iter]; [exact X|]; rewrite IH; apply step_scaled. }
  apply Un_cv_ext with (fun k => t * iter (scaled L d) k y); [intros; symmetry; apply It|].
  assert (C : Un_cv (fun k => t * iter (scaled L d) k y) (t * 1)); [|rewrite Rmult_1_r in C; exact C].
  apply cv_scal, scaled_converges; [exact L_ge2|apply d_bound|exact Y|].
  rewrite X, Rpow_mult_distr in H2.
  apply Rmult_lt_reg_l with (t ^ (3 * L - 2)); [apply pow_lt, t_pos|]; lra.
Qed.

(** Starts between 0 and t are among them. *)
Lemma sharp_below : forall x, 0 < x <= t -> Un_cv (fun k => iter (chain_step L lambda delta) k x) t.
Proof.
  intros x H; apply sharp_step; [lra|].
  assert (x ^ (3 * L - 2) <= t ^ (3 * L - 2)) by (apply pow_incr; lra).
  assert (0 < t ^ (3 * L - 2)) by (apply pow_lt, t_pos); lra.
Qed.

(** From x > t, while the weight stays above t it falls, and stays positive. *)
Lemma sharp_above : forall x, t < x -> 0 < chain_step L lambda delta x ->
  Un_cv (fun k => iter (chain_step L lambda delta) k x) t.
Proof.
  intros x H1 H2; set (u := fun k => iter (chain_step L lambda delta) k x).
  assert (Fac : forall z, chain_step L lambda delta z = z * (1 - delta * (z ^ (L - 2) * (z ^ L - lambda)))).
  { intros z; unfold chain_step; replace (L - 1)%nat with (S (L - 2)) by lia; cbn [pow]; ring. }
  rewrite Fac in H2.
  assert (Top : delta * (x ^ (L - 2) * (x ^ L - lambda)) < 1).
  { destruct (Rlt_le_dec (delta * (x ^ (L - 2) * (x ^ L - lambda))) 1) as [|N]; auto; exfalso.
    assert (0 <= x * (delta * (x ^ (L - 2) * (x ^ L - lambda)) - 1)) by (apply Rmult_le_pos; lra); lra. }
  assert (St : forall z, t <= z <= x -> 0 < chain_step L lambda delta z <= z).
  { intros z Hz; rewrite Fac.
    assert (Q : 0 <= z ^ (L - 2) * (z ^ L - lambda) <= x ^ (L - 2) * (x ^ L - lambda)).
    { assert (0 <= z ^ (L - 2)) by (apply pow_le; lra).
      assert (z ^ (L - 2) <= x ^ (L - 2)) by (apply pow_incr; lra).
      assert (lambda <= z ^ L) by (rewrite <- t_pow; apply pow_incr; lra).
      assert (z ^ L <= x ^ L) by (apply pow_incr; lra).
      split; [apply Rmult_le_pos; lra|apply Rmult_le_compat; lra]. }
    assert (B : 0 <= delta * (z ^ (L - 2) * (z ^ L - lambda)) < 1).
    { split; [apply Rmult_le_pos; lra|]; apply Rle_lt_trans with (2 := Top).
      apply Rmult_le_compat_l; lra. }
    split; [apply Rmult_lt_0_compat; lra|].
    assert (0 <= z * (delta * (z ^ (L - 2) * (z ^ L - lambda)))) by (apply Rmult_le_pos; lra); lra. }
  assert (Or : forall k, (exists j, 0 < u j <= t) \/ t < u k <= x).
  { induction k as [|k [IH|IH]]; [right; unfold u; cbn [iter]; lra|left; exact IH|].
    assert (Q := St (u k) ltac:(lra)); change (chain_step L lambda delta (u k)) with (u (S k)) in Q.
    destruct (Rle_lt_dec (u (S k)) t) as [C|C]; [left; exists (S k); lra|right; lra]. }
  destruct (Classical_Prop.classic (exists j, 0 < u j <= t)) as [[j E]|N].
  { apply cv_tail with j; apply sharp_below, E. }
  assert (K : forall k, t < u k <= x) by (intros k; destruct (Or k) as [C|C]; [contradiction|exact C]).
  assert (D : Un_decreasing u).
  { intros k; specialize (K k); apply (St (u k)); lra. }
  assert (B : has_lb u).
  { exists (- t); intros z [k ->]; unfold opp_seq; specialize (K k); lra. }
  destruct (decreasing_cv u D B) as [l Hl].
  assert (T : t <= l).
  { destruct (Rle_lt_dec t l) as [|C]; auto; exfalso.
    destruct (Hl (t - l)) as [n Hn]; [lra|]; specialize (Hn n (le_n _)); specialize (K n).
    unfold R_dist in Hn; rewrite Rabs_right in Hn; lra. }
  assert (F : chain_step L lambda delta l = l).
  { apply UL_sequence with (fun k => u (S k)).
    - apply (continuity_seq (chain_step L lambda delta) u l); [|exact Hl]; unfold chain_step.
      assert (C : forall n z, continuity_pt (fun y => y ^ n) z)
        by (intros; apply derivable_continuous_pt, derivable_pt_pow).
      assert (Kc : forall c z, continuity_pt (fun _ => c) z)
        by (intros; apply continuity_pt_const; intros p q; reflexivity).
      apply continuity_pt_minus; [apply derivable_continuous_pt, derivable_pt_id|].
      apply continuity_pt_mult; [apply Kc|]; apply continuity_pt_mult; [apply C|].
      apply continuity_pt_minus; [apply C|apply Kc].
    - intros eps He; destruct (Hl eps He) as [M HM]; exists M; intros n Hn; apply HM; lia. }
  replace t with l; [exact Hl|].
  destruct T as [T|T]; [exfalso|auto]; unfold chain_step in F.
  assert (0 < l ^ (L - 1)) by (apply pow_lt; lra).
  assert (t ^ L < l ^ L) by (apply pow_lt_mono; [lra|lia]); rewrite t_pow in *.
  assert (0 < delta * (l ^ (L - 1) * (l ^ L - lambda))); [|lra].
  apply Rmult_lt_0_compat; [lra|]; apply Rmult_lt_0_compat; lra.
Qed.

End Sharp.

(** ** Runs of gradient descent *)

Section Runs.

Variables (L : nat) (lambda delta : R) (w : nat -> nat -> R).
Hypothesis L_ge2 : (2 <= L)%nat.
Hypothesis run : descent (chain_loss L lambda) L delta w.

Theorem sharp_converges : forall x, 0 < lambda -> 0 < delta <= 2 / balanced_sharpness L lambda ->
  (forall i, (i < L)%nat -> w O i = x) -> 0 < x -> 0 < chain_step L lambda delta x ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof.
  intros x Hl Hd H0 Hx Hs i Hi.
  apply Un_cv_ext with (fun k => iter (chain_step L lambda delta) k x).
  - intros k; symmetry; apply (chain_descent L lambda delta w x run H0 k i Hi).
  - destruct (Rle_lt_dec x (root L lambda)); [apply sharp_below|apply sharp_above]; auto; lra.
Qed.

Hypothesis start : forall i, (i < L)%nat -> w O i = 1.

Lemma step_one : chain_step L lambda delta 1 = 1 - delta * (1 - lambda).
Proof. unfold chain_step; rewrite !pow1; ring. Qed.

Theorem sharp_ge1 : 1 <= lambda -> 0 < delta <= 2 / balanced_sharpness L lambda ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof.
  intros Hl Hd; apply sharp_converges with 1; auto; try lra.
  rewrite step_one; assert (0 <= delta * (lambda - 1)) by (apply Rmult_le_pos; lra); lra.
Qed.

Theorem sharp_lt1 : 0 < lambda < 1 ->
  0 < delta <= 2 / balanced_sharpness L lambda -> delta < 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof.
  intros Hl Hd H1; apply sharp_converges with 1; auto; try lra.
  apply (Rmult_lt_compat_r (1 - lambda)) in H1; [|lra].
  replace (1 / (1 - lambda) * (1 - lambda)) with 1 in H1 by (field; lra); rewrite step_one; lra.
Qed.

Theorem sharp_lt1_zero : lambda < 1 -> delta = 1 / (1 - lambda) ->
  forall k i, (i < L)%nat -> w (S k) i = 0.
Proof.
  intros Hl Hd k i Hi; rewrite (chain_descent L lambda delta w 1 run start _ i Hi).
  induction k as [|k IH]; cbn [iter] in *; [|rewrite IH; unfold chain_step].
  - rewrite step_one, Hd; field; lra.
  - rewrite (pow_i (L - 1)) by lia; ring.
Qed.

End Runs.
