(** Theorem 2: convergence holds, but the linear rate fails for a singular matrix.

    Proves, for the 1 x 1 matrix R = (0), L >= 2 layers and any 0 < delta <= 1/L (the paper's
    step bound, whose second term is 1/0):
    - the run of gradient descent from the identity converges to 0 = R^(1/L);
    - but no bound C b^k with b < 1 holds.

    Notation: see Definitions.v; thm2_c(r) = delta r^(2(L-1)), so that
    |step x| = |1 - thm2_c|x|| |x|.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Theorem 2. *)

Require Import Reals Lra Lia Psatz.
From Symgd Require Import Definitions Sequences Lem3.
Local Open Scope R_scope.

Definition thm2_c (L : nat) (delta r : R) : R := delta * r ^ (2 * (L - 1)).

Section Thm2.

Variables (L : nat) (delta : R) (w : nat -> nat -> R).
Hypothesis L_ge2 : (2 <= L)%nat.
Hypothesis delta_bound : 0 < delta <= 1 / INR L.
Hypothesis run : descent (chain_loss L 0) L delta w.
Hypothesis start : forall i, (i < L)%nat -> w O i = 1.

Lemma delta_half : delta <= / 2.
Proof.
  assert (H : 2 <= INR L) by (apply (le_INR 2); exact L_ge2).
  assert (/ INR L <= / 2) by (apply Rinv_le_contravar; lra); lra.
Qed.

Lemma thm2_step : forall x, chain_step L 0 delta x = (1 - thm2_c L delta x) * x.
Proof.
  intros x; unfold chain_step, thm2_c.
  replace (x ^ L) with (x * x ^ (L - 1)) by (replace L with (S (L - 1)) at 2 by lia; reflexivity).
  replace (2 * (L - 1))%nat with ((L - 1) + (L - 1))%nat by lia; rewrite pow_add; ring.
Qed.

Lemma thm2_modulus : forall x,
  Rabs (chain_step L 0 delta x) = Rabs (1 - thm2_c L delta (Rabs x)) * Rabs x.
Proof.
  intros x; rewrite thm2_step, Rabs_mult; unfold thm2_c.
  rewrite even_pow_abs by (exists (L - 1)%nat; reflexivity); reflexivity.
Qed.

Lemma thm2_c_pos : forall r, 0 < r -> 0 < thm2_c L delta r.
Proof. intros; apply Rmult_lt_0_compat; [lra|apply pow_lt; assumption]. Qed.

Lemma thm2_c_mono : forall r r', 0 <= r <= r' -> thm2_c L delta r <= thm2_c L delta r'.
Proof. intros; apply Rmult_le_compat_l; [lra|apply pow_incr; assumption]. Qed.

Lemma thm2_c_cont : forall r, continuity_pt (thm2_c L delta) r.
Proof.
  intros r; apply (continuity_pt_scal (fun y => y ^ (2 * (L - 1))) delta).
  apply derivable_continuous_pt, derivable_pt_pow.
Qed.

Lemma thm2_c_1 : thm2_c L delta (Rabs 1) < 2.
Proof. unfold thm2_c; rewrite Rabs_R1, pow1; assert (H := delta_half); lra. Qed.

Lemma thm2_positive : forall k, 0 < iter (chain_step L 0 delta) k 1 <= 1.
Proof.
  induction k as [|k IH]; cbn [iter]; [lra|]; rewrite thm2_step.
  set (x := iter _ k 1) in *; assert (P := thm2_c_pos x (proj1 IH)).
  assert (M : thm2_c L delta x <= thm2_c L delta 1) by (apply thm2_c_mono; lra).
  unfold thm2_c at 2 in M; rewrite pow1 in M; assert (H := delta_half); split; nra.
Qed.

Theorem thm2_singular_converges : forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof.
  intros i Hi; apply Un_cv_ext with (fun k => iter (chain_step L 0 delta) k 1).
  - intros k; symmetry; apply (chain_descent L 0 delta w 1 run start k i Hi).
  - apply modulus_converges with (thm2_c L delta) (fun _ => True); auto.
    + intros; apply thm2_modulus.
    + exact thm2_c_pos.
    + exact thm2_c_mono.
    + exact thm2_c_cont.
    + exact thm2_c_1.
Qed.

Theorem thm2_rate_refuted : forall b C, 0 <= b < 1 ->
  forall i, (i < L)%nat -> exists k, C * b ^ k < Rabs (w k i).
Proof.
  intros b C Hb i Hi.
  destruct (modulus_sublinear (chain_step L 0 delta) (thm2_c L delta) (fun _ => True) 1)
    with (b := b) (C := C) as [k Hk]; auto.
  - intros; apply thm2_modulus.
  - exact thm2_c_pos.
  - exact thm2_c_mono.
  - exact thm2_c_cont.
  - exact thm2_c_1.
  - unfold thm2_c; rewrite pow_i by lia; ring.
  - intros k; assert (P := thm2_positive k); lra.
  - exists k; rewrite (chain_descent L 0 delta w 1 run start k i Hi); exact Hk.
Qed.

End Thm2.
