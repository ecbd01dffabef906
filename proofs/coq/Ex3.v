(** Example 3: gradient descent on x^L, L even and L > 2.

    Proves, for every even L > 2 and delta > 0, with r = (2 / (L delta))^(1/(L-2)):
    - the gradient step of x^L is (1 - delta L x^(L-2)) x;
    - |x_0| < r: x_k -> 0, slower than any geometric sequence;  |x_0| > r: |x_k| -> infinity;
    - |x_0| = r: the orbit is x_0, -x_0, x_0, ... of period 2.

    Notation: see Definitions.v; ex3_c(r) = delta L r^(L-2), so that
    |step x| = |1 - ex3_c|x|| |x| and |x_0| < r says ex3_c|x_0| < 2.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Example 3. *)

Require Import Reals Lra Lia.
From Symgd Require Import Definitions Sequences.
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

Definition ex3_c (L : nat) (delta r : R) : R := delta * INR L * r ^ (L - 2).

Section Ex3.

Variables (L : nat) (delta : R).
Hypothesis L_even : Nat.Even L.
Hypothesis L_gt2 : (2 < L)%nat.
Hypothesis delta_pos : 0 < delta.

Lemma dL_pos : 0 < delta * INR L.
Proof. apply Rmult_lt_0_compat; auto; apply lt_0_INR; lia. Qed.

Lemma ex3_step_c : forall x, ex3_step L delta x = (1 - ex3_c L delta (Rabs x)) * x.
Proof.
  intros x; unfold ex3_step, ex3_c; rewrite even_pow_abs; [reflexivity|].
  apply even_pred2; [exact L_even|lia].
Qed.

Lemma ex3_modulus : forall x,
  Rabs (ex3_step L delta x) = Rabs (1 - ex3_c L delta (Rabs x)) * Rabs x.
Proof. intros; rewrite ex3_step_c; apply Rabs_mult. Qed.

Lemma ex3_c_pos : forall r, 0 < r -> 0 < ex3_c L delta r.
Proof. intros; apply Rmult_lt_0_compat; [exact dL_pos|apply pow_lt; assumption]. Qed.

Lemma ex3_c_lt : forall r r', 0 <= r < r' -> ex3_c L delta r < ex3_c L delta r'.
Proof.
  intros; apply Rmult_lt_compat_l; [exact dL_pos|]; apply pow_lt_mono; auto; lia.
Qed.

Lemma ex3_c_mono : forall r r', 0 <= r <= r' -> ex3_c L delta r <= ex3_c L delta r'.
Proof. intros; apply Rmult_le_compat_l; [left; exact dL_pos|apply pow_incr; assumption]. Qed.

Lemma ex3_c_cont : forall r, continuity_pt (ex3_c L delta) r.
Proof.
  intros r; apply (continuity_pt_scal (fun y => y ^ (L - 2)) (delta * INR L)).
  apply derivable_continuous_pt, derivable_pt_pow.
Qed.

Lemma ex3_threshold_pos : 0 < ex3_threshold L delta.
Proof. apply exp_pos. Qed.

(** The threshold is where ex3_c = 2. *)
Lemma ex3_c_threshold : ex3_c L delta (ex3_threshold L delta) = 2.
Proof.
  assert (P := dL_pos); assert (2 < INR L) by (apply (lt_INR 2); exact L_gt2).
  unfold ex3_c; rewrite <- Rpower_pow by exact ex3_threshold_pos.
  unfold ex3_threshold; rewrite Rpower_mult, minus_INR by lia.
  replace (/ (INR L - 2) * (INR L - INR 2)) with 1 by (cbn [INR]; field; lra).
  rewrite Rpower_1; [field; lra|].
  apply Rdiv_lt_0_compat; [lra|rewrite Rmult_comm; exact P].
Qed.

(** ** For runs x 0, x 1, ... of gradient descent on x^L itself *)

Variable x : nat -> R.
Hypothesis run : descent1 (fun y => y ^ L) delta x.

Lemma run_iter : forall k, iter (ex3_step L delta) k (x O) = x k.
Proof. intros k; symmetry; apply ex3_descent; [lia|exact run]. Qed.

Theorem ex3_converges : Rabs (x O) < ex3_threshold L delta -> Un_cv x 0.
Proof.
  intros H; apply Un_cv_ext with (1 := run_iter).
  apply modulus_converges with (ex3_c L delta) (fun _ => True); auto.
  - intros; apply ex3_modulus.
  - exact ex3_c_pos.
  - exact ex3_c_mono.
  - exact ex3_c_cont.
  - rewrite <- ex3_c_threshold; apply ex3_c_lt; split; [apply Rabs_pos|exact H].
Qed.

(** The convergence is sublinear: no geometric bound holds, unless the run hits 0. *)
Theorem ex3_sublinear : Rabs (x O) < ex3_threshold L delta -> (forall k, x k <> 0) ->
  forall b C, 0 <= b < 1 -> exists k, C * b ^ k < Rabs (x k).
Proof.
  intros H N b C Hb.
  destruct (modulus_sublinear (ex3_step L delta) (ex3_c L delta) (fun _ => True) (x O))
    with (b := b) (C := C) as [k Hk]; auto.
  - intros; apply ex3_modulus.
  - exact ex3_c_pos.
  - exact ex3_c_mono.
  - exact ex3_c_cont.
  - rewrite <- ex3_c_threshold; apply ex3_c_lt; split; [apply Rabs_pos|exact H].
  - unfold ex3_c; rewrite pow_i by lia; ring.
  - intros k; rewrite run_iter; apply N.
  - exists k; rewrite <- run_iter; exact Hk.
Qed.

Theorem ex3_diverges : ex3_threshold L delta < Rabs (x O) -> cv_infty (fun k => Rabs (x k)).
Proof.
  intros H; assert (T := ex3_threshold_pos).
  assert (D : cv_infty (fun k => Rabs (iter (ex3_step L delta) k (x O)))).
  { apply modulus_diverges with (ex3_c L delta) (fun _ => True); auto.
    - intros; apply ex3_modulus.
    - exact ex3_c_mono.
    - rewrite <- ex3_c_threshold; apply ex3_c_lt; lra.
    - intros E; rewrite E, Rabs_R0 in H; lra. }
  intros M; destruct (D M) as [N HN]; exists N; intros n Hn; rewrite <- run_iter; auto.
Qed.

Theorem ex3_cycle : Rabs (x O) = ex3_threshold L delta ->
  x O <> 0 /\ forall k, x k = (-1) ^ k * x O.
Proof.
  intros H; split.
  - intros E; rewrite E, Rabs_R0 in H; assert (T := ex3_threshold_pos); lra.
  - assert (S1 : forall y, Rabs y = ex3_threshold L delta -> ex3_step L delta y = - y).
    { intros y Hy; rewrite ex3_step_c, Hy, ex3_c_threshold; ring. }
    intros k; rewrite <- run_iter.
    induction k as [|k IH]; cbn [iter pow]; [ring|]; rewrite IH, S1; [ring|].
    rewrite Rabs_mult, pow_1_abs, H; ring.
Qed.

End Ex3.
