(** Lemma 3: the chain of L equal scalar weights converges linearly to lambda^(1/L).

    Proves, for every L >= 1, lambda > 0 and 0 < delta <= delta_c:
    - the gradient of the chain loss, and that equal weights stay equal under gradient
      descent and follow [chain_step];
    - step(x) - t = mu(x) (x - t) for t^L = lambda, and 0 <= mu <= beta < 1 between 1 and t;
    - |w_k - t| <= beta^k |1 - t|, hence w_k -> t;
    - the same with t = lambda^(1/L) and delta_c, beta as in the paper.

    Notation: see Definitions.v; t is the L-th root of lambda.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Lemma 3. *)

Require Import Reals Lra Lia Psatz.
From Symgd Require Import Definitions Sequences.
Local Open Scope R_scope.

(** ** The gradient of the chain loss *)

Theorem chain_partial : forall L lambda w i, (i < L)%nat ->
  partial (chain_loss L lambda) w i ((Prod w L - lambda) * Prod (put w i 1) L).
Proof.
  intros L lambda w i Hi; unfold partial.
  set (P := Prod (put w i 1) L).
  assert (D : derivable_pt_lim (fun x => / 2 * (x * P - lambda) ^ 2) (w i)
                ((w i * P - lambda) * P)).
  { set (f := (mult_real_fct (/ 2) (comp (fun y => y ^ 2)
      (mult_real_fct P id - fct_cte lambda)))%F).
    apply (derivable_pt_lim_ext f).
    { intros x; unfold f, mult_real_fct, comp, minus_fct, id, fct_cte; ring_simplify; field. }
    replace ((w i * P - lambda) * P)
      with (/ 2 * ((INR 2 * (mult_real_fct P id - fct_cte lambda)%F (w i) ^ pred 2) * (P * 1 - 0)))
      by (unfold minus_fct, mult_real_fct, fct_cte, id; simpl; field).
    apply derivable_pt_lim_scal, derivable_pt_lim_comp.
    - apply derivable_pt_lim_minus.
      + apply derivable_pt_lim_scal, derivable_pt_lim_id.
      + apply derivable_pt_lim_const.
    - apply derivable_pt_lim_pow. }
  rewrite (Prod_put_self w i L Hi); fold P.
  apply (derivable_pt_lim_ext (fun x => / 2 * (x * P - lambda) ^ 2)); [|exact D].
  intros x; unfold chain_loss; rewrite (Prod_put w i x L Hi); reflexivity.
Qed.

Theorem chain_partial_equal : forall L lambda x w i, (i < L)%nat ->
  (forall j, (j < L)%nat -> w j = x) ->
  partial (chain_loss L lambda) w i (x ^ (L - 1) * (x ^ L - lambda)).
Proof.
  intros L lambda x w i Hi H.
  replace (x ^ (L - 1) * (x ^ L - lambda))
    with ((Prod w L - lambda) * Prod (put w i 1) L); [apply chain_partial; exact Hi|].
  rewrite (Prod_const x w L H), (Prod_put_const x w i L Hi H); ring.
Qed.

(** Equal weights stay equal: every run of gradient descent that starts at (x, ..., x)
    is the iteration of [chain_step] in every coordinate. *)
Theorem chain_descent : forall L lambda delta w x,
  descent (chain_loss L lambda) L delta w ->
  (forall i, (i < L)%nat -> w O i = x) ->
  forall k i, (i < L)%nat -> w k i = iter (chain_step L lambda delta) k x.
Proof.
  intros L lambda delta w x D H0; induction k as [|k IH]; intros i Hi; cbn [iter]; auto.
  destruct (D k i Hi) as [d [Hd ->]].
  assert (P := chain_partial_equal L lambda _ (w k) i Hi IH).
  rewrite (uniqueness_limite _ _ _ _ Hd P), IH by exact Hi; reflexivity.
Qed.

Theorem chain_descent_exists : forall L lambda delta x,
  descent (chain_loss L lambda) L delta (fun k _ => iter (chain_step L lambda delta) k x).
Proof.
  intros L lambda delta x k i Hi; eexists; split.
  - apply chain_partial_equal; [exact Hi|]; intros; reflexivity.
  - reflexivity.
Qed.

(** ** Factorisation *)

Lemma geo_S : forall L t x, geo (S L) t x = x ^ L + t * geo L t x.
Proof.
  intros L t x; unfold geo; cbn [Sum].
  replace (S L - 1 - L)%nat with O by lia.
  rewrite <- Sum_scal.
  rewrite (Sum_ext (fun j => x ^ j * t ^ (S L - 1 - j)) (fun i => t * (x ^ i * t ^ (L - 1 - i)))).
  - cbn [pow]; ring.
  - intros j Hj; replace (S L - 1 - j)%nat with (S (L - 1 - j)) by lia; cbn [pow]; ring.
Qed.

Lemma geo_factor : forall L t x, (x - t) * geo L t x = x ^ L - t ^ L.
Proof.
  induction L as [|L IH]; intros t x; [unfold geo; cbn; ring|].
  rewrite geo_S, Rmult_plus_distr_l, (Rmult_comm t), <- Rmult_assoc, IH; cbn [pow]; ring.
Qed.

Lemma geo_diag : forall L t, geo (S L) t t = INR (S L) * t ^ L.
Proof.
  induction L as [|L IH]; intros t; rewrite geo_S; [unfold geo; cbn; ring|].
  rewrite IH, !S_INR; cbn [pow]; ring.
Qed.

Lemma geo_mono : forall L t x y, 0 <= t -> 0 <= x <= y -> geo L t x <= geo L t y.
Proof.
  induction L as [|L IH]; intros t x y Ht H; [unfold geo; cbn; lra|].
  rewrite !geo_S; apply Rplus_le_compat; [apply pow_incr; exact H|].
  apply Rmult_le_compat_l; auto.
Qed.

Lemma geo_pos : forall L t x, 0 < t -> 0 < x -> 0 < geo (S L) t x.
Proof.
  intros L t x Ht Hx; induction L as [|L IH]; rewrite geo_S.
  - unfold geo; cbn; lra.
  - assert (0 < x ^ S L) by (apply pow_lt; exact Hx).
    assert (0 < t * geo (S L) t x) by (apply Rmult_lt_0_compat; assumption); lra.
Qed.

Theorem step_factor : forall L lambda delta t x, t ^ L = lambda ->
  chain_step L lambda delta x - t = mu L t delta x * (x - t).
Proof.
  intros L lambda delta t x <-; unfold chain_step, mu.
  rewrite <- geo_factor; ring.
Qed.

(** The slope x^(L-1) geo(x) is monotone, so it lies between its values at the ends. *)
Lemma slope_mono : forall L t x y, 0 <= t -> 0 <= x <= y ->
  x ^ (L - 1) * geo L t x <= y ^ (L - 1) * geo L t y.
Proof.
  intros L t x y Ht H; apply Rmult_le_compat.
  - apply pow_le; lra.
  - replace 0 with (geo L t 0 - geo L t 0) by ring.
    assert (G : 0 <= geo L t 0).
    { clear - Ht; induction L as [|L IH]; [unfold geo; cbn; lra|].
      rewrite geo_S; apply Rplus_le_le_0_compat; [apply pow_le; lra|].
      apply Rmult_le_pos; assumption. }
    assert (geo L t 0 <= geo L t x) by (apply geo_mono; lra); lra.
  - apply pow_incr; exact H.
  - apply geo_mono; assumption.
Qed.

(** Ends: the slope at x = 1 is geo(1), with (1 - t) geo(1) = 1 - lambda; at x = t it is
    L t^(2(L-1)). *)
Lemma slope_one : forall L t, 1 ^ (L - 1) * geo L t 1 = geo L t 1.
Proof. intros; rewrite pow1; ring. Qed.

Lemma slope_root : forall L t, (1 <= L)%nat ->
  t ^ (L - 1) * geo L t t = INR L * t ^ (2 * (L - 1)).
Proof.
  intros [|L] t H; [lia|]; rewrite geo_diag.
  replace (S L - 1)%nat with L by lia.
  replace (2 * L)%nat with (L + L)%nat by lia; rewrite pow_add; ring.
Qed.

(** The contraction factor between 1 and t, for t = lambda^(1/L) >= 1 and t <= 1. *)
Theorem mu_bounds_ge1 : forall L t delta x, (1 <= L)%nat -> 1 <= t -> 0 < delta ->
  delta * (INR L * t ^ (2 * (L - 1))) <= 1 -> 1 <= x <= t ->
  0 <= mu L t delta x <= 1 - delta * geo L t 1.
Proof.
  intros L t delta x HL Ht Hd Hc Hx; unfold mu.
  rewrite <- slope_root in Hc by exact HL; rewrite <- slope_one.
  assert (A : 1 ^ (L - 1) * geo L t 1 <= x ^ (L - 1) * geo L t x) by (apply slope_mono; lra).
  assert (B : x ^ (L - 1) * geo L t x <= t ^ (L - 1) * geo L t t) by (apply slope_mono; lra).
  apply (Rmult_le_compat_l delta) in A; [|lra].
  apply (Rmult_le_compat_l delta) in B; [|lra]; lra.
Qed.

Theorem mu_bounds_le1 : forall L t delta x, (1 <= L)%nat -> 0 < t <= 1 -> 0 < delta ->
  delta * geo L t 1 <= 1 -> t <= x <= 1 ->
  0 <= mu L t delta x <= 1 - delta * (INR L * t ^ (2 * (L - 1))).
Proof.
  intros L t delta x HL Ht Hd Hc Hx; unfold mu.
  rewrite <- slope_root by exact HL; rewrite <- slope_one in Hc.
  assert (A : t ^ (L - 1) * geo L t t <= x ^ (L - 1) * geo L t x) by (apply slope_mono; lra).
  assert (B : x ^ (L - 1) * geo L t x <= 1 ^ (L - 1) * geo L t 1) by (apply slope_mono; lra).
  apply (Rmult_le_compat_l delta) in A; [|lra].
  apply (Rmult_le_compat_l delta) in B; [|lra]; lra.
Qed.

(** ** In the paper's terms: t = lambda^(1/L) *)

Lemma root_pos : forall L lambda, 0 < root L lambda.
Proof. intros; unfold root, Rpower; apply exp_pos. Qed.

Lemma root_pow : forall L lambda, (1 <= L)%nat -> 0 < lambda -> root L lambda ^ L = lambda.
Proof.
  intros L lambda HL Hl; rewrite <- Rpower_pow by apply root_pos; unfold root.
  rewrite Rpower_mult, Rinv_l, Rpower_1; auto; apply not_0_INR; lia.
Qed.

Lemma root_sharpness : forall L lambda, (1 <= L)%nat -> 0 < lambda ->
  INR L * root L lambda ^ (2 * (L - 1)) = balanced_sharpness L lambda.
Proof.
  intros L lambda HL Hl; unfold balanced_sharpness; f_equal.
  rewrite <- Rpower_pow by apply root_pos; unfold root; rewrite Rpower_mult; f_equal.
  rewrite mult_INR, minus_INR by exact HL; cbn [INR]; field; apply not_0_INR; lia.
Qed.

Lemma sharpness_pos : forall L lambda, (1 <= L)%nat -> 0 < balanced_sharpness L lambda.
Proof.
  intros; unfold balanced_sharpness; apply Rmult_lt_0_compat; [apply lt_0_INR; lia|].
  unfold Rpower; apply exp_pos.
Qed.

Lemma root_gt1 : forall L lambda, (1 <= L)%nat -> 1 < lambda -> 1 < root L lambda.
Proof.
  intros L lambda HL H; apply pow_lt_inv with L; [lra|left; apply root_pos|].
  rewrite pow1, root_pow; auto; lra.
Qed.

Lemma root_lt1 : forall L lambda, (1 <= L)%nat -> 0 < lambda < 1 -> root L lambda < 1.
Proof.
  intros L lambda HL H; apply pow_lt_inv with L; [left; apply root_pos|lra|].
  rewrite pow1, root_pow; auto; lra.
Qed.

Lemma root_1 : forall L, root L 1 = 1.
Proof. intros; unfold root, Rpower; rewrite ln_1, Rmult_0_r; apply exp_0. Qed.

Lemma root_geo : forall L lambda, (1 <= L)%nat -> 0 < lambda -> lambda <> 1 ->
  geo L (root L lambda) 1 = (lambda - 1) / (root L lambda - 1).
Proof.
  intros L lambda HL Hl N.
  assert (E := geo_factor L (root L lambda) 1); rewrite pow1, root_pow in E by auto.
  assert (root L lambda <> 1).
  { intros C; apply N; rewrite <- (root_pow L lambda), C by auto; apply pow1. }
  apply Rmult_eq_reg_l with (1 - root L lambda); [|lra]; rewrite E; field; lra.
Qed.

Lemma le_inv : forall x y, 0 < y -> (x <= / y <-> x * y <= 1).
Proof.
  intros x y Hy; split; intros H.
  - apply (Rmult_le_compat_r y) in H; [|lra]; rewrite Rinv_l in H; lra.
  - apply Rmult_le_reg_r with y; [exact Hy|]; rewrite Rinv_l; lra.
Qed.

(** The bound on mu that gives the rate; beta < 1 because both slopes are positive. *)
Theorem lem3_mu : forall L lambda delta x, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  1 <= x <= root L lambda \/ root L lambda <= x <= 1 ->
  0 <= mu L (root L lambda) delta x <= beta L lambda delta.
Proof.
  intros L lambda delta x HL Hl Hd Hx; unfold delta_c, beta in *.
  assert (P := sharpness_pos L lambda HL); assert (T := root_pos L lambda).
  destruct (Rle_dec 1 lambda) as [A|A], (Rlt_dec 1 lambda) as [B|B]; try lra.
  - assert (G := root_gt1 L lambda HL B); rewrite <- root_geo by (auto; lra).
    apply mu_bounds_ge1; try lra; auto.
    rewrite root_sharpness by assumption; apply le_inv; lra.
  - assert (E : lambda = 1) by lra; assert (X : x = 1) by (rewrite E, root_1 in Hx; lra).
    rewrite <- root_sharpness by assumption.
    rewrite E, root_1 in *; rewrite X; apply mu_bounds_le1; auto; try lra.
    assert (S1 := slope_root L 1 HL); rewrite !pow1 in S1; rewrite <- (Rmult_1_l (geo L 1 1)), S1.
    rewrite Rmult_1_r; rewrite <- root_sharpness, root_1, pow1, Rmult_1_r in Hd by (auto; lra).
    apply le_inv; [apply lt_0_INR; lia|lra].
  - assert (G := root_lt1 L lambda HL (conj Hl (Rnot_le_lt _ _ A))).
    rewrite <- root_sharpness by assumption; apply mu_bounds_le1; auto; try lra.
    rewrite root_geo by (auto; lra).
    replace ((lambda - 1) / (root L lambda - 1)) with (/ ((1 - root L lambda) / (1 - lambda)))
      by (field; lra).
    assert (0 < (1 - root L lambda) / (1 - lambda)) by (apply Rdiv_lt_0_compat; lra).
    rewrite <- (Rinv_inv ((1 - root L lambda) / (1 - lambda))) in Hd.
    apply le_inv; [apply Rinv_0_lt_compat; assumption|lra].
Qed.

Theorem lem3_rate : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda -> 0 <= beta L lambda delta < 1.
Proof.
  intros L lambda delta HL Hl Hd; split.
  - assert (M := lem3_mu L lambda delta 1 HL Hl Hd).
    destruct (Rle_lt_dec 1 (root L lambda)); lra.
  - unfold beta; assert (P := sharpness_pos L lambda HL).
    destruct (Rlt_dec 1 lambda) as [B|B].
    + assert (G := root_gt1 L lambda HL B).
      assert (0 < delta * ((lambda - 1) / (root L lambda - 1))); [|lra].
      apply Rmult_lt_0_compat; [lra|apply Rdiv_lt_0_compat; lra].
    + assert (0 < delta * balanced_sharpness L lambda) by (apply Rmult_lt_0_compat; lra); lra.
Qed.

(** ** Lemma 3, for runs of gradient descent on the loss itself *)

Theorem lem3_bound : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - root L lambda) <= beta L lambda delta ^ k * Rabs (1 - root L lambda).
Proof.
  intros L lambda delta w HL Hl Hd D H0 k i Hi.
  rewrite (chain_descent L lambda delta w 1 D H0 k i Hi).
  assert (B := lem3_rate L lambda delta HL Hl Hd).
  apply contract with (mu L (root L lambda) delta); [lra| |].
  - intros x; apply step_factor, root_pow; assumption.
  - intros x Hx; apply lem3_mu; assumption.
Qed.

Theorem lem3_converges : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof.
  intros L lambda delta w HL Hl Hd D H0 i Hi.
  apply geometric_cv with (beta L lambda delta) (Rabs (1 - root L lambda)).
  - apply lem3_rate; auto.
  - intros k; apply lem3_bound; auto.
Qed.

(** The two cases with delta_c, beta and lambda^(1/L) written out. *)
Theorem lem3_bound_gt1 : forall L lambda delta w, (1 <= L)%nat -> 1 < lambda ->
  0 < delta <= 1 / (INR L * Rpower lambda (2 * (INR L - 1) / INR L)) ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - Rpower lambda (/ INR L))
    <= (1 - delta * ((lambda - 1) / (Rpower lambda (/ INR L) - 1))) ^ k
       * Rabs (1 - Rpower lambda (/ INR L)).
Proof.
  intros L lambda delta w HL Hl Hd D H0 k i Hi.
  assert (B := lem3_bound L lambda delta w HL); unfold delta_c, beta, balanced_sharpness in B.
  destruct (Rle_dec 1 lambda), (Rlt_dec 1 lambda); try lra.
  apply B; auto; lra.
Qed.

Theorem lem3_bound_lt1 : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda < 1 ->
  0 < delta <= (1 - Rpower lambda (/ INR L)) / (1 - lambda) ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - Rpower lambda (/ INR L))
    <= (1 - delta * (INR L * Rpower lambda (2 * (INR L - 1) / INR L))) ^ k
       * Rabs (1 - Rpower lambda (/ INR L)).
Proof.
  intros L lambda delta w HL Hl Hd D H0 k i Hi.
  assert (B := lem3_bound L lambda delta w HL); unfold delta_c, beta, balanced_sharpness in B.
  destruct (Rle_dec 1 lambda), (Rlt_dec 1 lambda); try lra.
  apply B; auto; lra.
Qed.
