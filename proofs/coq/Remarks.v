(** Corollary 1 with one layer, Remarks 2 and 3, rescaling, and why the gradient is not Lipschitz.

    Proves, for the chain of scalar weights and every L:
    - [bound_decreases]: for L >= 2 the bound 2 / (L lambda^(2(L-1)/L)) falls as lambda grows
      (and for L = 1 it does not: [bound_one_layer]);
    - [factor_two], [factor_small]: its quotient with min {1/L, 1/(L lambda^(2(L-1)/L))};
    - [multiplier]: beyond it the multiplier of the scalar map at its limit is below -1;
    - [one_layer_at_two]: for L = 1 and delta = 2 the distance to lambda never changes;
    - [cor1_step]: delta m <= 2 with m at least the least sharpness gives the bound of Corollary 1;
    - [admissible], [eigenvalue]: the step sizes of Theorem 2 are those of Lemma 3 for every
      eigenvalue in (0, rho], so that its weights converge;
    - [rescaled]: factors with product 1 send minima to minima;
    - [no_lipschitz], [lipschitz_one_layer]: the change of a partial derivative.

    Notation: see Definitions.v.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018. *)

Require Import Reals Lra Lia Psatz.
From Symgd Require Import Definitions Sequences Lem3.
Local Open Scope R_scope.

Lemma L_pos : forall L, (1 <= L)%nat -> 0 < INR L.
Proof. intros; apply lt_0_INR; lia. Qed.

Lemma bound_one_layer : forall lambda, 0 < lambda -> balanced_sharpness 1 lambda = 1.
Proof.
  intros lambda Hl; rewrite <- root_sharpness by auto; cbn; ring.
Qed.

Theorem bound_decreases : forall L lambda mu, (2 <= L)%nat -> 0 < lambda < mu ->
  2 / balanced_sharpness L mu < 2 / balanced_sharpness L lambda.
Proof.
  intros L lambda mu HL H.
  assert (P := sharpness_pos L lambda ltac:(lia)); assert (Q := sharpness_pos L mu ltac:(lia)).
  apply Rmult_lt_compat_l; [lra|]; apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; assumption|].
  rewrite <- !root_sharpness by (lia || lra).
  apply Rmult_lt_compat_l; [apply L_pos; lia|]; apply pow_lt_mono; [|lia].
  split; [left; apply root_pos|]; apply pow_lt_inv with L; try (left; apply root_pos).
  rewrite !root_pow by (lia || lra); lra.
Qed.

Theorem factor_two : forall L lambda, (1 <= L)%nat -> 1 <= lambda ->
  2 / balanced_sharpness L lambda = 2 * Rmin (1 / INR L) (1 / balanced_sharpness L lambda).
Proof.
  intros L lambda HL H; assert (N := L_pos L HL); assert (P := sharpness_pos L lambda HL).
  assert (T : 1 <= root L lambda ^ (2 * (L - 1))).
  { apply pow_R1_Rle; destruct H as [H|<-]; [left; apply root_gt1; assumption|rewrite root_1; lra]. }
  rewrite Rmin_right; [field; lra|].
  unfold Rdiv; rewrite !Rmult_1_l; apply Rinv_le_contravar; [exact N|].
  rewrite <- root_sharpness by (lia || lra).
  rewrite <- (Rmult_1_r (INR L)) at 1; apply Rmult_le_compat_l; lra.
Qed.

Theorem factor_small : forall L lambda, (2 <= L)%nat -> 0 < lambda < 1 ->
  2 / balanced_sharpness L lambda =
    2 / root L lambda ^ (2 * (L - 1)) * Rmin (1 / INR L) (1 / balanced_sharpness L lambda) /\
  2 < 2 / root L lambda ^ (2 * (L - 1)).
Proof.
  intros L lambda HL H; assert (N := L_pos L ltac:(lia)).
  assert (P := sharpness_pos L lambda ltac:(lia)); assert (R := root_pos L lambda).
  assert (T : 0 < root L lambda ^ (2 * (L - 1)) < 1).
  { split; [apply pow_lt; exact R|]; rewrite <- (pow1 (2 * (L - 1))).
    apply pow_lt_mono; [split; [lra|apply root_lt1; [lia|lra]]|lia]. }
  assert (S := root_sharpness L lambda ltac:(lia) ltac:(lra)).
  rewrite Rmin_left.
  - split; [rewrite <- S; field; lra|].
    apply Rmult_lt_reg_r with (root L lambda ^ (2 * (L - 1))); [lra|].
    unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra.
  - unfold Rdiv; rewrite !Rmult_1_l; apply Rinv_le_contravar; [exact P|]; rewrite <- S.
    rewrite <- (Rmult_1_r (INR L)) at 2; apply Rmult_le_compat_l; lra.
Qed.

(** ** The multiplier of the scalar map *)

Theorem multiplier : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  derivable_pt_lim (chain_step L lambda delta) (root L lambda)
    (1 - delta * balanced_sharpness L lambda) /\
  (2 / balanced_sharpness L lambda < delta -> 1 - delta * balanced_sharpness L lambda < -1).
Proof.
  intros L lambda delta HL Hl; set (t := root L lambda).
  assert (P := sharpness_pos L lambda HL); split.
  - apply (derivable_pt_lim_ext
      (id - mult_real_fct delta ((fun z => z ^ (L - 1)) * ((fun z => z ^ L) - fct_cte lambda)))%F).
    { intros z; reflexivity. }
    replace (1 - delta * balanced_sharpness L lambda)
      with (1 - delta * (INR (L - 1) * t ^ pred (L - 1) * ((fun z => z ^ L) - fct_cte lambda)%F t
                         + t ^ (L - 1) * (INR L * t ^ pred L - 0))).
    + apply derivable_pt_lim_minus; [apply derivable_pt_lim_id|].
      apply derivable_pt_lim_scal.
      apply (derivable_pt_lim_mult (fun z => z ^ (L - 1))); [apply derivable_pt_lim_pow|].
      apply derivable_pt_lim_minus; [apply derivable_pt_lim_pow|apply derivable_pt_lim_const].
    + unfold minus_fct, fct_cte; unfold t; rewrite root_pow, <- root_sharpness by auto.
      replace (pred L) with (L - 1)%nat by lia.
      replace (2 * (L - 1))%nat with (L - 1 + (L - 1))%nat by lia; rewrite pow_add; ring.
  - intros H; apply (Rmult_lt_compat_r (balanced_sharpness L lambda)) in H; [|exact P].
    replace (2 / balanced_sharpness L lambda * balanced_sharpness L lambda) with 2 in H
      by (field; lra); lra.
Qed.

Theorem one_layer_at_two : forall lambda w, descent (chain_loss 1 lambda) 1 2 w ->
  (forall k, Rabs (w k O - lambda) = Rabs (w O O - lambda)) /\
  (Un_cv (fun k => w k O) lambda -> w O O = lambda).
Proof.
  intros lambda w D.
  assert (K : forall k, Rabs (w k O - lambda) = Rabs (w O O - lambda)).
  { induction k as [|k IH]; [reflexivity|]; rewrite <- IH.
    assert (W : forall j, w j O = iter (chain_step 1 lambda 2) j (w O O)).
    { intros j; apply (chain_descent 1 lambda 2 w (w O O) D); [|lia].
      intros [|i] Hi; [reflexivity|lia]. }
    rewrite (W (S k)); cbn [iter]; rewrite <- (W k); clear W IH; set (x := w k O).
    replace (chain_step 1 lambda 2 x - lambda) with (- (x - lambda)) by (unfold chain_step; cbn; ring).
    apply Rabs_Ropp. }
  split; [exact K|]; intros C.
  destruct (Req_dec (w O O) lambda) as [|N]; auto; exfalso.
  destruct (C (Rabs (w O O - lambda))) as [n Hn]; [apply Rabs_pos_lt; lra|].
  specialize (Hn n (le_n _)); unfold R_dist in Hn; rewrite K in Hn; lra.
Qed.

Theorem cor1_step : forall L lambda delta m, (1 <= L)%nat -> 0 < delta ->
  balanced_sharpness L lambda <= m -> delta * m <= 2 -> delta <= 2 / balanced_sharpness L lambda.
Proof.
  intros L lambda delta m HL Hd Hm H; assert (P := sharpness_pos L lambda HL).
  apply Rmult_le_reg_r with (balanced_sharpness L lambda); [exact P|].
  replace (2 / balanced_sharpness L lambda * balanced_sharpness L lambda) with 2 by (field; lra).
  apply Rle_trans with (2 := H); apply Rmult_le_compat_l; lra.
Qed.

(** ** Theorem 2 *)

Lemma geo_one_le : forall L t, 0 <= t <= 1 -> 0 <= geo L t 1 <= INR L.
Proof.
  induction L as [|L IH]; intros t Ht; [unfold geo; cbn; lra|].
  rewrite geo_S, pow1, S_INR; specialize (IH t Ht).
  assert (0 <= t * geo L t 1) by (apply Rmult_le_pos; lra).
  assert (t * geo L t 1 <= 1 * INR L) by (apply Rmult_le_compat; lra); lra.
Qed.

Theorem admissible : forall L lambda rho delta, (1 <= L)%nat -> 0 < lambda <= rho ->
  delta <= 1 / INR L -> delta <= 1 / balanced_sharpness L rho -> delta <= delta_c L lambda.
Proof.
  intros L lambda rho delta HL Hl HL1 Hr; assert (N := L_pos L HL); unfold delta_c.
  destruct (Rle_dec 1 lambda) as [A|A].
  - apply Rle_trans with (1 := Hr); unfold Rdiv; rewrite Rmult_1_l.
    apply Rinv_le_contravar; [apply sharpness_pos, HL|].
    rewrite <- !root_sharpness by (lia || lra); apply Rmult_le_compat_l; [lra|].
    apply pow_incr; split; [left; apply root_pos|].
    destruct (Rle_lt_dec (root L lambda) (root L rho)) as [|C]; auto; exfalso.
    assert (root L rho ^ L < root L lambda ^ L)
      by (apply pow_lt_mono; [split; [left; apply root_pos|exact C]|exact HL]).
    rewrite !root_pow in * by (lia || lra); lra.
  - apply Rle_trans with (1 := HL1); set (t := root L lambda).
    assert (T0 : 0 < t) by apply root_pos.
    assert (T1 : t < 1) by (apply root_lt1; [exact HL|lra]).
    assert (G := geo_one_le L t ltac:(lra)).
    assert (F := geo_factor L t 1); rewrite pow1 in F; unfold t in F at 3.
    rewrite root_pow in F by (lia || lra).
    apply Rmult_le_reg_r with (INR L * (1 - lambda)); [apply Rmult_lt_0_compat; lra|].
    replace (1 / INR L * (INR L * (1 - lambda))) with (1 - lambda) by (field; lra).
    replace ((1 - t) / (1 - lambda) * (INR L * (1 - lambda))) with ((1 - t) * INR L) by (field; lra).
    rewrite <- F; apply Rmult_le_compat_l; lra.
Qed.

Theorem eigenvalue : forall L lambda rho delta w, (1 <= L)%nat -> 0 < lambda <= rho ->
  0 < delta -> delta <= 1 / INR L -> delta <= 1 / balanced_sharpness L rho ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - root L lambda) <= beta L lambda delta ^ k * Rabs (1 - root L lambda) /\
    0 <= beta L lambda delta < 1.
Proof.
  intros L lambda rho delta w HL Hl Hd H1 H2 D H0 k i Hi.
  assert (A : 0 < delta <= delta_c L lambda)
    by (split; [exact Hd|apply admissible with rho; assumption]).
  split; [apply lem3_bound|apply lem3_rate]; auto; lra.
Qed.

(** ** Rescaling *)

Lemma Prod_mult : forall a b n, Prod (fun i => a i * b i) n = Prod a n * Prod b n.
Proof. induction n as [|n IH]; cbn [Prod]; [|rewrite IH]; ring. Qed.

Lemma factor_nonzero : forall a n i, (i < n)%nat -> Prod a n <> 0 -> a i <> 0.
Proof.
  induction n as [|n IH]; intros i Hi H E; [lia|]; cbn [Prod] in H; apply H.
  destruct (Nat.eq_dec i n) as [->|N]; [rewrite E; ring|].
  destruct (Req_dec (Prod a n) 0) as [->|M]; [ring|].
  exfalso; apply (IH i); auto; lia.
Qed.

Lemma least : forall (a : nat -> R) n, (forall i, (i < n)%nat -> 0 < a i) ->
  exists e, 0 < e /\ forall i, (i < n)%nat -> e <= a i.
Proof.
  induction n as [|n IH]; intros H; [exists 1; split; [lra|intros; lia]|].
  destruct IH as [e [E M]]; [intros; apply H; lia|].
  exists (Rmin e (a n)); split; [apply Rmin_pos; [exact E|apply H; lia]|].
  intros i Hi; destruct (Nat.eq_dec i n) as [->|N]; [apply Rmin_r|].
  apply Rle_trans with (1 := Rmin_l _ _); apply M; lia.
Qed.

Theorem rescaled : forall (phi : R -> R) L w a, Prod a L = 1 ->
  local_min (fun w => phi (Prod w L)) L w ->
  local_min (fun w => phi (Prod w L)) L (fun i => a i * w i).
Proof.
  intros phi L w a Ha [e [E M]].
  assert (N : forall i, (i < L)%nat -> a i <> 0)
    by (intros i Hi; apply factor_nonzero with L; [exact Hi|lra]).
  destruct (least (fun i => e * Rabs (a i)) L) as [e' [E' M']].
  { intros i Hi; apply Rmult_lt_0_compat; [exact E|]; apply Rabs_pos_lt, N, Hi. }
  exists e'; split; [exact E'|]; intros v Hv; rewrite Prod_mult, Ha, Rmult_1_l.
  replace (Prod v L) with (Prod (fun i => v i / a i) L).
  - apply M; intros i Hi; assert (A := N i Hi); assert (P := Rabs_pos_lt _ A).
    replace (v i / a i - w i) with ((v i - a i * w i) * / a i) by (field; exact A).
    rewrite Rabs_mult, Rabs_inv; apply Rmult_lt_reg_r with (Rabs (a i)); [exact P|].
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rlt_le_trans with (1 := Hv i Hi); apply M', Hi.
  - transitivity (Prod (fun i => a i * (v i / a i)) L).
    + rewrite Prod_mult, Ha, Rmult_1_l; reflexivity.
    + apply Prod_ext; intros i Hi; field; apply N, Hi.
Qed.

(** ** The gradient has no global Lipschitz constant *)

Theorem no_lipschitz : forall L lambda K a h, (2 <= L)%nat -> 0 < h -> K < a ^ (2 * (L - 1)) ->
  exists p q, partial (chain_loss L lambda) (put (fun _ => a) 0 h) 0 p /\
    partial (chain_loss L lambda) (put (fun _ => a) 0 0) 0 q /\ K * h < p - q.
Proof.
  intros L lambda K a h HL Hh HK.
  assert (E : forall x, partial (chain_loss L lambda) (put (fun _ => a) 0 x) 0
                          ((x * a ^ (L - 1) - lambda) * a ^ (L - 1))).
  { intros x; replace ((x * a ^ (L - 1) - lambda) * a ^ (L - 1))
      with ((Prod (put (fun _ => a) 0 x) L - lambda) * Prod (put (put (fun _ => a) 0 x) 0 1) L);
      [apply chain_partial; lia|].
    assert (Q : Prod (put (fun _ => a) 0 1) L = a ^ (L - 1))
      by (apply Prod_put_const; [lia|reflexivity]).
    rewrite (Prod_put (fun _ => a) 0 x) by lia; rewrite Q.
    rewrite (Prod_ext (put (put (fun _ => a) 0 x) 0 1) (put (fun _ => a) 0 1)); [rewrite Q; reflexivity|].
    intros i _; unfold put; destruct (Nat.eqb i 0); reflexivity. }
  exists ((h * a ^ (L - 1) - lambda) * a ^ (L - 1)), ((0 * a ^ (L - 1) - lambda) * a ^ (L - 1)).
  split; [apply E|]; split; [apply E|].
  replace (2 * (L - 1))%nat with (L - 1 + (L - 1))%nat in HK by lia; rewrite pow_add in HK.
  apply (Rmult_lt_compat_r h) in HK; [|exact Hh]; lra.
Qed.

Theorem lipschitz_one_layer : forall lambda w v p q,
  partial (chain_loss 1 lambda) w 0 p -> partial (chain_loss 1 lambda) v 0 q ->
  Rabs (p - q) = Rabs (w O - v O).
Proof.
  assert (E : forall lambda w p, partial (chain_loss 1 lambda) w 0 p -> p = w O - lambda).
  { intros lambda w p H; assert (C := chain_partial 1 lambda w 0 ltac:(lia)).
    rewrite (uniqueness_limite _ _ _ _ H C); cbn; ring. }
  intros lambda w v p q Hp Hq; rewrite (E _ _ _ Hp), (E _ _ _ Hq); f_equal; ring.
Qed.
