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
From Symgd Require Import Definitions.
Local Open Scope R_scope.

(** ** The gradient of the chain loss *)

Lemma put_same : forall w i x, put w i x i = x.
Proof. intros; unfold put; rewrite Nat.eqb_refl; reflexivity. Qed.

Lemma put_other : forall w i x j, j <> i -> put w i x j = w j.
Proof. intros w i x j H; unfold put; apply Nat.eqb_neq in H; rewrite H; reflexivity. Qed.

Lemma Prod_ext : forall a b n,
  (forall i, (i < n)%nat -> a i = b i) -> Prod a n = Prod b n.
Proof.
  induction n as [|n IH]; intros H; cbn [Prod]; auto.
  rewrite IH by (intros; apply H; lia); rewrite H by lia; reflexivity.
Qed.

Lemma Sum_ext : forall a b n,
  (forall i, (i < n)%nat -> a i = b i) -> Sum a n = Sum b n.
Proof.
  induction n as [|n IH]; intros H; cbn [Sum]; auto.
  rewrite IH by (intros; apply H; lia); rewrite H by lia; reflexivity.
Qed.

Lemma Sum_scal : forall c a n, Sum (fun i => c * a i) n = c * Sum a n.
Proof. induction n as [|n IH]; cbn [Sum]; [|rewrite IH]; ring. Qed.

Lemma Prod_put : forall w i x n, (i < n)%nat ->
  Prod (put w i x) n = x * Prod (put w i 1) n.
Proof.
  induction n as [|n IH]; intros H; [lia|]; cbn [Prod].
  destruct (Nat.eq_dec i n) as [->|N].
  - rewrite !put_same.
    rewrite (Prod_ext (put w n x) w), (Prod_ext (put w n 1) w)
      by (intros; apply put_other; lia); ring.
  - rewrite IH, !put_other by lia; ring.
Qed.

Lemma Prod_put_self : forall w i n, (i < n)%nat ->
  Prod w n = w i * Prod (put w i 1) n.
Proof.
  intros w i n H; rewrite <- Prod_put by exact H.
  apply Prod_ext; intros j _; unfold put.
  destruct (Nat.eqb_spec j i) as [->|]; reflexivity.
Qed.

Lemma Prod_const : forall x a n, (forall i, (i < n)%nat -> a i = x) -> Prod a n = x ^ n.
Proof.
  induction n as [|n IH]; intros H; cbn [Prod pow]; auto.
  rewrite IH by (intros; apply H; lia); rewrite H by lia; ring.
Qed.

Lemma Prod_put_const : forall x a i n, (i < n)%nat ->
  (forall j, (j < n)%nat -> a j = x) -> Prod (put a i 1) n = x ^ (n - 1).
Proof.
  intros x a i n Hi H.
  destruct (Req_dec x 0) as [->|Nx].
  - (* x = 0: either n = 1, or a zero factor remains *)
    destruct n as [|[|n]]; [lia| |].
    + cbn; replace i with 0%nat by lia; rewrite put_same; ring.
    + replace (S (S n) - 1)%nat with (S n) by lia; rewrite pow_i by lia.
      cbn [Prod]; destruct (Nat.eq_dec i n) as [->|N].
      * rewrite (put_other _ _ _ (S n)), (H (S n)) by lia; ring.
      * rewrite (put_other _ _ _ n), (H n) by lia; ring.
  - assert (E := Prod_put_self a i n Hi).
    rewrite (Prod_const x) in E by exact H; rewrite H in E by exact Hi.
    replace n with (S (n - 1)) in E at 1 by lia; cbn [pow] in E.
    symmetry; apply Rmult_eq_reg_l with x; assumption.
Qed.

Theorem chain_partial : forall L lambda w i, (i < L)%nat ->
  partial (chain_loss L lambda) w i ((Prod w L - lambda) * Prod (put w i 1) L).
Proof.
  intros L lambda w i Hi; unfold partial.
  set (P := Prod (put w i 1) L).
  assert (D : derivable_pt_lim (fun x => / 2 * (x * P - lambda) ^ 2) (w i)
                ((w i * P - lambda) * P)).
  { set (f := (mult_real_fct (/ 2) (comp (fun y => y ^ 2) (mult_real_fct P id - fct_cte lambda)))%F).
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

(** ** From one step to all steps *)

(** A map that contracts towards t with a factor in [0, b] on the interval between its
    start and t stays there, and its distance to t is at most b^k times the first one. *)
Lemma contract_above : forall (f m : R -> R) t b x0, x0 <= t -> b <= 1 ->
  (forall x, f x - t = m x * (x - t)) ->
  (forall x, x0 <= x <= t -> 0 <= m x <= b) ->
  forall k, x0 <= iter f k x0 <= t /\ t - iter f k x0 <= b ^ k * (t - x0).
Proof.
  intros f m t b x0 H0 Hb F M; induction k as [|k [I B]]; cbn [iter pow].
  - lra.
  - set (x := iter f k x0) in *.
    assert (Fx := F x); assert (Mx := M x I).
    assert (b0 : 0 <= b) by lra.
    assert (t - f x <= b * (t - x)) by nra.
    assert (b * (t - x) <= b * (b ^ k * (t - x0))) by (apply Rmult_le_compat_l; assumption).
    repeat split; nra.
Qed.

Lemma contract : forall (f m : R -> R) t b x0, b <= 1 ->
  (forall x, f x - t = m x * (x - t)) ->
  (forall x, x0 <= x <= t \/ t <= x <= x0 -> 0 <= m x <= b) ->
  forall k, Rabs (iter f k x0 - t) <= b ^ k * Rabs (x0 - t).
Proof.
  intros f m t b x0 Hb F M k.
  destruct (Rle_lt_dec x0 t) as [H|H].
  - assert (M' : forall x, x0 <= x <= t -> 0 <= m x <= b) by auto.
    destruct (contract_above f m t b x0 H Hb F M' k) as [I B].
    rewrite !Rabs_left1 by lra; lra.
  - (* reflect: -f(-x) contracts from below towards -t *)
    set (f' := fun x => - f (- x)).
    assert (E : forall k, iter f' k (- x0) = - iter f k x0).
    { induction k0 as [|j IH]; cbn [iter]; [reflexivity|].
      rewrite IH; unfold f'; rewrite Ropp_involutive; reflexivity. }
    destruct (contract_above f' (fun x => m (- x)) (- t) b (- x0)) with (k := k) as [I B].
    + lra.
    + exact Hb.
    + intros x; unfold f'; assert (Fx := F (- x)); lra.
    + intros x Hx; apply M; right; lra.
    + rewrite E in I, B; rewrite !Rabs_right by lra; lra.
Qed.

Lemma geometric_cv : forall u l b C, 0 <= b < 1 ->
  (forall k, Rabs (u k - l) <= b ^ k * C) -> Un_cv u l.
Proof.
  intros u l b C Hb H eps Heps.
  assert (C0 : 0 <= C) by (assert (H0 := H O); assert (P := Rabs_pos (u O - l)); cbn in H0; lra).
  destruct (pow_lt_1_zero b) with (y := eps / (C + 1)) as [N HN].
  - rewrite Rabs_right; lra.
  - apply Rdiv_lt_0_compat; lra.
  - exists N; intros n Hn; unfold R_dist.
    apply Rle_lt_trans with (1 := H n).
    specialize (HN n Hn); rewrite Rabs_right in HN by (apply Rle_ge, pow_le; lra).
    apply Rle_lt_trans with (eps / (C + 1) * C).
    + apply Rmult_le_compat_r; lra.
    + apply Rmult_lt_reg_r with (C + 1); [lra|].
      replace (eps / (C + 1) * C * (C + 1)) with (eps * C) by (field; lra); nra.
Qed.

Theorem bound_ge1 : forall L lambda t delta, (1 <= L)%nat -> 1 <= t -> t ^ L = lambda ->
  0 < delta -> delta * (INR L * t ^ (2 * (L - 1))) <= 1 ->
  forall k, Rabs (iter (chain_step L lambda delta) k 1 - t)
            <= (1 - delta * geo L t 1) ^ k * Rabs (1 - t).
Proof.
  intros L lambda t delta HL Ht E Hd Hc.
  assert (G : 0 < geo L t 1) by (destruct L; [lia|]; apply geo_pos; lra).
  apply contract with (m := mu L t delta).
  - assert (0 < delta * geo L t 1) by (apply Rmult_lt_0_compat; assumption); lra.
  - intros x; apply step_factor; exact E.
  - intros x Hx; apply mu_bounds_ge1; auto; lra.
Qed.

Theorem bound_le1 : forall L lambda t delta, (1 <= L)%nat -> 0 < t <= 1 -> t ^ L = lambda ->
  0 < delta -> delta * geo L t 1 <= 1 ->
  forall k, Rabs (iter (chain_step L lambda delta) k 1 - t)
            <= (1 - delta * (INR L * t ^ (2 * (L - 1)))) ^ k * Rabs (1 - t).
Proof.
  intros L lambda t delta HL Ht E Hd Hc.
  assert (0 < INR L) by (apply lt_0_INR; lia).
  assert (0 < t ^ (2 * (L - 1))) by (apply pow_lt; lra).
  apply contract with (m := mu L t delta).
  - assert (0 < delta * (INR L * t ^ (2 * (L - 1)))) by (repeat apply Rmult_lt_0_compat; assumption); lra.
  - intros x; apply step_factor; exact E.
  - intros x Hx; apply mu_bounds_le1; auto; lra.
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

Lemma pow_lt_inv : forall x y n, 0 <= x -> 0 <= y -> x ^ n < y ^ n -> x < y.
Proof.
  intros x y n Hx Hy H; destruct (Rlt_le_dec x y) as [|C]; auto.
  assert (y ^ n <= x ^ n) by (apply pow_incr; lra); lra.
Qed.

Lemma pow_inj : forall x y n, 0 <= x -> 0 <= y -> (1 <= n)%nat -> x ^ n = y ^ n -> x = y.
Proof.
  intros x y n Hx Hy Hn H.
  assert (M : forall a b, 0 <= a < b -> a ^ n < b ^ n).
  { clear - Hn; intros a b Hab; destruct n as [|n]; [lia|]; cbn [pow].
    assert (a ^ n <= b ^ n) by (apply pow_incr; lra).
    assert (0 < b ^ n) by (apply pow_lt; lra).
    assert (0 <= a ^ n) by (apply pow_le; lra); nra. }
  destruct (Rtotal_order x y) as [C|[C|C]]; auto; exfalso.
  - assert (x ^ n < y ^ n) by (apply M; lra); lra.
  - assert (y ^ n < x ^ n) by (apply M; lra); lra.
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
  assert (root L lambda <> 1) by (intros C; apply N; rewrite <- (root_pow L lambda), C by auto; apply pow1).
  apply Rmult_eq_reg_l with (1 - root L lambda); [|lra]; rewrite E; field; lra.
Qed.

Theorem lem3_bound_gt1 : forall L lambda delta, (1 <= L)%nat -> 1 < lambda ->
  0 < delta <= / balanced_sharpness L lambda ->
  forall k, Rabs (iter (chain_step L lambda delta) k 1 - root L lambda)
    <= (1 - delta * ((lambda - 1) / (root L lambda - 1))) ^ k * Rabs (1 - root L lambda).
Proof.
  intros L lambda delta HL Hl Hd.
  assert (T := root_gt1 L lambda HL Hl); assert (P := sharpness_pos L lambda HL).
  rewrite <- root_geo by (auto; lra).
  apply bound_ge1; [exact HL|lra|apply root_pow; auto; lra|lra|].
  rewrite root_sharpness by (auto; lra).
  apply Rmult_le_reg_r with (/ balanced_sharpness L lambda); [apply Rinv_0_lt_compat; exact P|].
  rewrite Rmult_assoc, Rinv_r by lra; lra.
Qed.

Theorem lem3_bound_lt1 : forall L lambda delta, (1 <= L)%nat -> 0 < lambda < 1 ->
  0 < delta <= (1 - root L lambda) / (1 - lambda) ->
  forall k, Rabs (iter (chain_step L lambda delta) k 1 - root L lambda)
    <= (1 - delta * balanced_sharpness L lambda) ^ k * Rabs (1 - root L lambda).
Proof.
  intros L lambda delta HL Hl Hd.
  assert (T := root_lt1 L lambda HL Hl); assert (P := root_pos L lambda).
  rewrite <- root_sharpness by (auto; lra).
  apply bound_le1; [exact HL|lra|apply root_pow; auto; lra|lra|].
  rewrite root_geo by (auto; lra).
  apply Rmult_le_reg_r with ((1 - root L lambda) / (1 - lambda)); [apply Rdiv_lt_0_compat; lra|].
  replace (delta * ((lambda - 1) / (root L lambda - 1)) * ((1 - root L lambda) / (1 - lambda)))
    with delta by (field; lra); lra.
Qed.

Theorem lem3_iter_bound : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  forall k, Rabs (iter (chain_step L lambda delta) k 1 - root L lambda)
            <= beta L lambda delta ^ k * Rabs (1 - root L lambda).
Proof.
  intros L lambda delta HL Hl Hd k; unfold delta_c, beta in *.
  destruct (Rle_dec 1 lambda) as [A|A], (Rlt_dec 1 lambda) as [B|B]; try lra.
  - apply lem3_bound_gt1; auto.
  - assert (lambda = 1) by lra; subst lambda; rewrite root_1.
    assert (E : forall k, iter (chain_step L 1 delta) k 1 = 1).
    { induction k0 as [|j IH]; cbn [iter]; auto; rewrite IH; unfold chain_step; rewrite !pow1; ring. }
    rewrite E, Rminus_diag_eq, Rabs_R0 by reflexivity; lra.
  - apply lem3_bound_lt1; auto; lra.
Qed.

Theorem lem3_rate : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda -> 0 <= beta L lambda delta < 1.
Proof.
  intros L lambda delta HL Hl Hd; unfold delta_c, beta in *.
  assert (P := sharpness_pos L lambda HL); assert (T := root_pos L lambda).
  assert (D1 : delta <= / balanced_sharpness L lambda -> delta * balanced_sharpness L lambda <= 1).
  { intros H; apply (Rmult_le_compat_r (balanced_sharpness L lambda)) in H; [|lra].
    rewrite Rinv_l in H; lra. }
  assert (D2 : 0 < delta * balanced_sharpness L lambda) by (apply Rmult_lt_0_compat; lra).
  destruct (Rle_dec 1 lambda) as [A|A], (Rlt_dec 1 lambda) as [B|B]; try lra.
  - assert (G := root_gt1 L lambda HL B).
    rewrite <- root_geo by (auto; lra).
    assert (0 < delta * geo L (root L lambda) 1)
      by (apply Rmult_lt_0_compat; [lra|]; destruct L; [lia|]; apply geo_pos; lra).
    assert (M := mu_bounds_ge1 L (root L lambda) delta 1 HL).
    rewrite root_sharpness in M by (auto; lra); lra.
  - assert (G := root_lt1 L lambda HL (conj Hl (Rnot_le_lt _ _ A))).
    assert (M := mu_bounds_le1 L (root L lambda) delta 1 HL).
    rewrite root_sharpness, root_geo in M by (auto; lra).
    assert (Q : delta * ((lambda - 1) / (root L lambda - 1)) <= 1); [|lra].
    apply Rmult_le_reg_r with ((1 - root L lambda) / (1 - lambda)); [apply Rdiv_lt_0_compat; lra|].
    replace (delta * ((lambda - 1) / (root L lambda - 1)) * ((1 - root L lambda) / (1 - lambda)))
      with delta by (field; lra); lra.
Qed.

(** Lemma 3, for runs of gradient descent on the loss itself. *)
Theorem lem3_bound : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - root L lambda) <= beta L lambda delta ^ k * Rabs (1 - root L lambda).
Proof.
  intros L lambda delta w HL Hl Hd D H0 k i Hi.
  rewrite (chain_descent L lambda delta w 1 D H0 k i Hi); apply lem3_iter_bound; auto.
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
