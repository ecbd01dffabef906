(** Example 3: gradient descent on x^L, L even and L > 2.

    Proves, for every even L > 2 and delta > 0, with r = (2 / (L delta))^(1/(L-2)):
    - the gradient step of x^L is (1 - delta L x^(L-2)) x;
    - |x_0| < r: x_k -> 0;  |x_0| > r: |x_k| -> infinity;
    - |x_0| = r: the orbit is x_0, -x_0, x_0, ... of period 2.

    Notation: see Definitions.v; c(x) = delta L |x|^(L-2), so that |step x| = |1 - c(x)| |x|
    and |x_0| < r says c(x_0) < 2.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Example 3. *)

Require Import Reals Lra Lia.
From Symgd Require Import Definitions Lem3.
Local Open Scope R_scope.

Theorem ex3_gradient : forall L x, (2 <= L)%nat ->
  derivable_pt_lim (fun y => y ^ L) x (INR L * x ^ (L - 2) * x).
Proof.
  intros L x HL.
  replace (INR L * x ^ (L - 2) * x) with (INR L * x ^ pred L); [apply derivable_pt_lim_pow|].
  replace (pred L) with (S (L - 2)) by lia; cbn [pow]; ring.
Qed.

(** Runs of gradient descent are iterations of the map. *)
Theorem ex3_descent : forall L delta x, (2 <= L)%nat ->
  (descent1 (fun y => y ^ L) delta x <-> forall k, x k = iter (ex3_step L delta) k (x O)).
Proof.
  intros L delta x HL; split; intros D.
  - induction k as [|k IH]; cbn [iter]; auto; rewrite <- IH.
    destruct (D k) as [d [Hd ->]].
    rewrite (uniqueness_limite _ _ _ _ Hd (ex3_gradient L (x k) HL)); unfold ex3_step; ring.
  - intros k; exists (INR L * x k ^ (L - 2) * x k); split; [apply ex3_gradient; exact HL|].
    rewrite (D (S k)), (D k); cbn [iter]; unfold ex3_step; ring.
Qed.

(** ** The coefficient c(x) *)

Definition c (L : nat) (delta x : R) : R := delta * INR L * Rabs x ^ (L - 2).

Lemma even_pow_abs : forall x n, Nat.Even n -> Rabs x ^ n = x ^ n.
Proof.
  intros x n [m ->]; rewrite !pow_mult; f_equal.
  replace (Rabs x ^ 2) with (Rabs x * Rabs x) by ring.
  rewrite <- Rabs_mult, Rabs_right; [ring|]; apply Rle_ge, Rle_0_sqr.
Qed.

Section Ex3.

Variables (L : nat) (delta : R).
Hypothesis L_even : Nat.Even L.
Hypothesis L_gt2 : (2 < L)%nat.
Hypothesis delta_pos : 0 < delta.

Lemma even2 : Nat.Even (L - 2).
Proof. destruct L_even as [m E]; exists (m - 1)%nat; lia. Qed.

Lemma dL_pos : 0 < delta * INR L.
Proof. apply Rmult_lt_0_compat; auto; apply lt_0_INR; lia. Qed.

Lemma step_c : forall x, ex3_step L delta x = (1 - c L delta x) * x.
Proof. intros; unfold ex3_step, c; rewrite even_pow_abs by exact even2; reflexivity. Qed.

Lemma step_abs : forall x, Rabs (ex3_step L delta x) = Rabs (1 - c L delta x) * Rabs x.
Proof. intros; rewrite step_c; apply Rabs_mult. Qed.

Lemma c_pos : forall x, 0 <= c L delta x.
Proof.
  intros; apply Rmult_le_pos; [left; exact dL_pos|]; apply pow_le, Rabs_pos.
Qed.

Lemma c_mono : forall x y, Rabs x <= Rabs y -> c L delta x <= c L delta y.
Proof.
  intros x y H; apply Rmult_le_compat_l; [left; exact dL_pos|].
  apply pow_incr; split; [apply Rabs_pos|exact H].
Qed.

(** The threshold is where c = 2. *)
Lemma threshold_pos : 0 < ex3_threshold L delta.
Proof. apply exp_pos. Qed.


Lemma threshold_pow : delta * INR L * ex3_threshold L delta ^ (L - 2) = 2.
Proof.
  assert (P := dL_pos).
  rewrite <- Rpower_pow by exact threshold_pos; unfold ex3_threshold.
  rewrite Rpower_mult, minus_INR by lia.
  assert (2 < INR L) by (apply (lt_INR 2); exact L_gt2).
  replace (/ (INR L - 2) * (INR L - INR 2)) with 1 by (cbn [INR]; field; lra).
  rewrite Rpower_1; [field; lra|].
  apply Rdiv_lt_0_compat; [lra|rewrite Rmult_comm; exact P].
Qed.

Lemma c_threshold : forall x, Rabs x = ex3_threshold L delta -> c L delta x = 2.
Proof. intros x H; unfold c; rewrite H; exact threshold_pow. Qed.

Lemma c_lt2 : forall x, Rabs x < ex3_threshold L delta -> c L delta x < 2.
Proof.
  intros x H; destruct (Rlt_le_dec (c L delta x) 2) as [|C]; auto.
  rewrite <- threshold_pow in C; unfold c in C.
  apply Rmult_le_reg_l in C; [|exact dL_pos].
  assert (T := threshold_pos); assert (A := Rabs_pos x).
  destruct (Req_dec (ex3_threshold L delta ^ (L - 2)) (Rabs x ^ (L - 2))) as [E|E].
  - apply pow_inj in E; try lra; lia.
  - assert (ex3_threshold L delta < Rabs x); [|lra].
    apply pow_lt_inv with (L - 2)%nat; lra.
Qed.

Lemma c_gt2 : forall x, ex3_threshold L delta < Rabs x -> 2 < c L delta x.
Proof.
  intros x H; assert (T := threshold_pos).
  assert (M := c_mono (ex3_threshold L delta) x).
  rewrite (c_threshold (ex3_threshold L delta)) in M by (apply Rabs_right; lra).
  destruct (M ltac:(rewrite (Rabs_right (ex3_threshold L delta)); lra)) as [|E]; auto; exfalso.
  rewrite <- threshold_pow in E; unfold c in E.
  apply Rmult_eq_reg_l in E; [|assert (P := dL_pos); lra].
  apply pow_inj in E; try lra; lia.
Qed.

(** ** Inside: |x_k| decreases, and its limit is a fixed point of the modulus map *)

Lemma inside_step : forall x, c L delta x < 2 -> Rabs (ex3_step L delta x) <= Rabs x.
Proof.
  intros x H; rewrite step_abs; assert (P := c_pos x).
  rewrite <- (Rmult_1_l (Rabs x)) at 2.
  apply Rmult_le_compat_r; [apply Rabs_pos|]; apply Rabs_le; lra.
Qed.

Lemma inside_decreasing : forall x0, c L delta x0 < 2 -> forall k,
  c L delta (iter (ex3_step L delta) k x0) < 2 /\
  Rabs (iter (ex3_step L delta) (S k) x0) <= Rabs (iter (ex3_step L delta) k x0).
Proof.
  intros x0 H0; induction k as [|k [I _]].
  - split; [exact H0|]; apply inside_step; exact H0.
  - assert (C : c L delta (iter (ex3_step L delta) (S k) x0) < 2).
    { cbn [iter]; apply Rle_lt_trans with (2 := I), c_mono, inside_step, I. }
    split; [exact C|]; apply inside_step; exact C.
Qed.

Lemma cv_abs_0 : forall u, Un_cv (fun k => Rabs (u k)) 0 -> Un_cv u 0.
Proof.
  intros u H eps He; destruct (H eps He) as [N HN]; exists N; intros n Hn.
  specialize (HN n Hn); unfold R_dist in *; rewrite Rminus_0_r in *; rewrite Rabs_Rabsolu in HN; exact HN.
Qed.

Theorem inside_converges : forall x0, c L delta x0 < 2 ->
  Un_cv (fun k => iter (ex3_step L delta) k x0) 0.
Proof.
  intros x0 H0; apply cv_abs_0.
  set (u := fun k => Rabs (iter (ex3_step L delta) k x0)).
  assert (D : Un_decreasing u) by (intros k; apply inside_decreasing; exact H0).
  assert (B : has_lb u).
  { exists 0; intros y [k ->]; unfold opp_seq; assert (P := Rabs_pos (iter (ex3_step L delta) k x0)).
    unfold u; lra. }
  destruct (decreasing_cv u D B) as [l Hl].
  assert (Hu : forall k, l <= u k) by (apply decreasing_ineq; assumption).
  (* the limit satisfies l = |1 - delta L l^(L-2)| l *)
  set (phi := fun r => Rabs (1 - delta * INR L * r ^ (L - 2)) * r).
  assert (F : phi l = l).
  { apply UL_sequence with (fun k => u (S k)).
    - assert (Cp : continuity_pt phi l).
      { unfold phi; apply (continuity_pt_mult _ id).
        - apply (continuity_pt_comp (fun r => 1 - delta * INR L * r ^ (L - 2)) Rabs).
          + apply continuity_pt_minus; [apply continuity_pt_const; intros a b; reflexivity|].
            apply (continuity_pt_scal (fun r => r ^ (L - 2)) (delta * INR L)).
            apply derivable_continuous_pt, derivable_pt_pow.
          + apply Rcontinuity_abs.
        - apply derivable_continuous_pt, derivable_pt_id. }
      apply Un_cv_ext with (fun k => phi (u k)).
      + intros k; unfold u; cbn [iter]; rewrite step_abs; reflexivity.
      + apply continuity_seq; assumption.
    - intros eps He; destruct (Hl eps He) as [N HN]; exists N; intros n Hn; apply HN; lia. }
  assert (Hl0 : 0 <= l).
  { destruct (Rle_lt_dec 0 l) as [|Hn]; auto.
    destruct (Hl (- l)) as [N HN]; [lra|]; specialize (HN N (le_n _)).
    unfold R_dist in HN; assert (P := Rabs_pos (iter (ex3_step L delta) N x0)); fold (u N) in P.
    rewrite Rabs_right in HN by lra; lra. }
  destruct Hl0 as [Hp|<-]; [exfalso|exact Hl].
  assert (A : 0 < delta * INR L * l ^ (L - 2)).
  { apply Rmult_lt_0_compat; [exact dL_pos|apply pow_lt; exact Hp]. }
  assert (C : delta * INR L * l ^ (L - 2) < 2).
  { apply Rle_lt_trans with (2 := H0); unfold c; apply Rmult_le_compat_l; [left; exact dL_pos|].
    apply pow_incr; split; [lra|]; exact (Hu O). }
  unfold phi in F.
  assert (Rabs (1 - delta * INR L * l ^ (L - 2)) < 1) by (apply Rabs_def1; lra); nra.
Qed.

(** ** Outside: |x_k| grows at least geometrically *)

Lemma outside_grows : forall x0, 2 < c L delta x0 -> forall k,
  (c L delta x0 - 1) ^ k * Rabs x0 <= Rabs (iter (ex3_step L delta) k x0).
Proof.
  intros x0 H0; set (q := c L delta x0 - 1).
  assert (Q : 1 < q) by (unfold q; lra).
  assert (X := Rabs_pos x0).
  induction k as [|k IH]; [cbn [iter pow]; lra|].
  assert (G : 1 <= q ^ k) by (apply pow_R1_Rle; lra).
  assert (M : c L delta x0 <= c L delta (iter (ex3_step L delta) k x0)).
  { apply c_mono; apply Rle_trans with (2 := IH); nra. }
  cbn [iter pow]; rewrite step_abs, Rmult_assoc.
  apply Rmult_le_compat; [lra| |unfold q in *|exact IH].
  - apply Rmult_le_pos; lra.
  - rewrite Rabs_left by lra; lra.
Qed.

Theorem outside_diverges : forall x0, 2 < c L delta x0 ->
  cv_infty (fun k => Rabs (iter (ex3_step L delta) k x0)).
Proof.
  intros x0 H0 M.
  assert (X : 0 < Rabs x0).
  { destruct (Rabs_pos x0) as [|E]; auto; exfalso; unfold c in H0; rewrite <- E in H0.
    rewrite pow_i in H0 by lia; lra. }
  destruct (Pow_x_infinity (c L delta x0 - 1)) with (b := Rmax 0 M / Rabs x0 + 1) as [N HN].
  - rewrite Rabs_right; lra.
  - exists N; intros n Hn; specialize (HN n Hn).
    rewrite Rabs_right in HN by (apply Rle_ge, pow_le; lra).
    apply Rlt_le_trans with (2 := outside_grows x0 H0 n).
    apply Rge_le in HN; apply (Rmult_le_compat_r (Rabs x0)) in HN; [|lra].
    apply Rlt_le_trans with (2 := HN).
    assert (Mx := Rmax_r 0 M).
    replace ((Rmax 0 M / Rabs x0 + 1) * Rabs x0) with (Rmax 0 M + Rabs x0) by (field; lra); lra.
Qed.

(** ** In the paper's terms *)

Theorem ex3_converges : forall x0, Rabs x0 < ex3_threshold L delta ->
  Un_cv (fun k => iter (ex3_step L delta) k x0) 0.
Proof. intros; apply inside_converges, c_lt2; assumption. Qed.

Theorem ex3_diverges : forall x0, ex3_threshold L delta < Rabs x0 ->
  cv_infty (fun k => Rabs (iter (ex3_step L delta) k x0)).
Proof. intros; apply outside_diverges, c_gt2; assumption. Qed.

Theorem ex3_cycle : forall x0, Rabs x0 = ex3_threshold L delta ->
  x0 <> 0 /\ forall k, iter (ex3_step L delta) k x0 = (-1) ^ k * x0.
Proof.
  intros x0 H; split.
  - intros ->; rewrite Rabs_R0 in H; assert (T := threshold_pos); lra.
  - assert (S1 : forall x, Rabs x = ex3_threshold L delta -> ex3_step L delta x = - x).
    { intros x Hx; rewrite step_c, c_threshold by exact Hx; ring. }
    induction k as [|k IH]; cbn [iter pow]; [ring|]; rewrite IH, S1; [ring|].
    rewrite Rabs_mult, pow_1_abs, H; ring.
Qed.

End Ex3.
