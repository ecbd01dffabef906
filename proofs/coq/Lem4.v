(** Lemma 4: the chain of L equal weights with a negative target lambda, started at 1.

    Proves, for lambda < 0:
    - L >= 2 and 0 < delta <= 1/(1 - lambda): every w_i -> 0; for L >= 3 and delta below
      1/(1 - lambda) slower than any geometric sequence;
    - L = 1 is a counterexample: the weight converges to lambda <> 0 (for all 0 < delta < 2);
    - L even: the exact threshold is 2/(1 - lambda): below it w_i -> 0, at it the orbit is the
      2-cycle 1, -1, above it |w_i| -> infinity;
    - L odd, L >= 3, lambda = - r^L: for steps beyond 1/(1 - lambda), up to two explicit
      bounds, w_i -> -r; so the constant cannot be improved for such lambda;
    - L = 3, lambda = -1, delta = 221/200 > 1/2: w_i -> 0 again, so for odd L the steps with
      w_i -> 0 are not an interval and "only if delta <= 1/(1 - lambda)" is false.

    Notation: see Definitions.v; lem4_c(r) = delta r^(L-2) (r^L - lambda), so that
    |step x| = |1 - lem4_c|x|| |x| for x >= 0, and for every x when L is even.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Lemma 4. *)

Require Import Reals Lra Lia Psatz.
From Symgd Require Import Definitions Sequences Lem3.
Local Open Scope R_scope.

Definition lem4_c (L : nat) (lambda delta r : R) : R :=
  delta * (r ^ (L - 2) * (r ^ L - lambda)).

Section Lem4.

Variables (L : nat) (lambda delta : R).
Hypothesis L_ge2 : (2 <= L)%nat.
Hypothesis lambda_neg : lambda < 0.
Hypothesis delta_pos : 0 < delta.

Lemma lem4_step : forall x,
  chain_step L lambda delta x = (1 - delta * (x ^ (L - 2) * (x ^ L - lambda))) * x.
Proof.
  intros x; unfold chain_step; replace (L - 1)%nat with (S (L - 2)) by lia; cbn [pow]; ring.
Qed.

Lemma lem4_c_pos : forall r, 0 < r -> 0 < lem4_c L lambda delta r.
Proof.
  intros r Hr; assert (0 < r ^ L) by (apply pow_lt; exact Hr).
  repeat apply Rmult_lt_0_compat; [exact delta_pos|apply pow_lt; exact Hr|lra].
Qed.

Lemma lem4_c_mono : forall r r', 0 <= r <= r' ->
  lem4_c L lambda delta r <= lem4_c L lambda delta r'.
Proof.
  intros r r' H; apply Rmult_le_compat_l; [lra|].
  assert (0 <= r ^ L) by (apply pow_le; lra); assert (r ^ L <= r' ^ L) by (apply pow_incr; exact H).
  apply Rmult_le_compat; [apply pow_le; lra|lra|apply pow_incr; exact H|lra].
Qed.

Lemma lem4_c_cont : forall r, continuity_pt (lem4_c L lambda delta) r.
Proof.
  intros r; apply (continuity_pt_scal (fun y => y ^ (L - 2) * (y ^ L - lambda)) delta).
  apply (continuity_pt_mult (fun y => y ^ (L - 2)) (fun y => y ^ L - lambda)).
  - apply derivable_continuous_pt, derivable_pt_pow.
  - apply (continuity_pt_minus (fun y => y ^ L) (fun _ => lambda)).
    + apply derivable_continuous_pt, derivable_pt_pow.
    + apply continuity_pt_const; intros a b; reflexivity.
Qed.

Lemma lem4_c_1 : lem4_c L lambda delta 1 = delta * (1 - lambda).
Proof. unfold lem4_c; rewrite !pow1; ring. Qed.

(** ** Steps up to 1/(1 - lambda): the orbit stays in [0, 1] *)

Theorem lem4_from : forall x0, 0 <= x0 -> lem4_c L lambda delta x0 <= 1 ->
  Un_cv (fun k => iter (chain_step L lambda delta) k x0) 0.
Proof.
  intros x0 H0 H1.
  apply modulus_converges with (lem4_c L lambda delta) (fun x => 0 <= x <= x0).
  - lra.
  - intros x Hx; rewrite lem4_step; fold (lem4_c L lambda delta x).
    assert (C := lem4_c_mono x x0 Hx).
    assert (0 <= lem4_c L lambda delta x).
    { destruct (proj1 Hx) as [P|<-]; [left; apply lem4_c_pos; exact P|].
      apply Rmult_le_pos; [lra|]; apply Rmult_le_pos; [apply pow_le; lra|].
      rewrite pow_i by lia; lra. }
    split; nra.
  - intros x Hx; rewrite (Rabs_right x) by lra; rewrite lem4_step.
    fold (lem4_c L lambda delta x); rewrite Rabs_mult, (Rabs_right x); [reflexivity|lra].
  - exact lem4_c_pos.
  - exact lem4_c_mono.
  - exact lem4_c_cont.
  - rewrite Rabs_right; lra.
Qed.

Lemma step_le : forall b, delta <= b / (1 - lambda) <-> delta * (1 - lambda) <= b.
Proof.
  intros b; split; intros H.
  - apply (Rmult_le_compat_r (1 - lambda)) in H; [|lra].
    replace (b / (1 - lambda) * (1 - lambda)) with b in H by (field; lra); exact H.
  - apply Rmult_le_reg_r with (1 - lambda); [lra|].
    replace (b / (1 - lambda) * (1 - lambda)) with b by (field; lra); exact H.
Qed.

Lemma step_lt : forall b, b / (1 - lambda) < delta <-> b < delta * (1 - lambda).
Proof.
  intros b; assert (S1 := step_le b); split; intros H; apply Rnot_le_lt; intros C;
    [apply S1 in C|apply S1 in C]; lra.
Qed.

Theorem lem4_iter : delta <= 1 / (1 - lambda) ->
  Un_cv (fun k => iter (chain_step L lambda delta) k 1) 0.
Proof.
  intros H; apply lem4_from; [lra|]; rewrite lem4_c_1; apply step_le; exact H.
Qed.

(** ** Even L: the threshold 2/(1 - lambda) is exact *)

Section Even.

Hypothesis L_even : Nat.Even L.

Lemma even_step : forall x,
  chain_step L lambda delta x = (1 - lem4_c L lambda delta (Rabs x)) * x.
Proof.
  intros x; rewrite lem4_step; unfold lem4_c; rewrite !even_pow_abs; auto.
  apply even_pred2; assumption.
Qed.

Lemma even_modulus : forall x, Rabs (chain_step L lambda delta x)
  = Rabs (1 - lem4_c L lambda delta (Rabs x)) * Rabs x.
Proof. intros; rewrite even_step; apply Rabs_mult. Qed.

Theorem lem4_even_iter : delta * (1 - lambda) < 2 ->
  Un_cv (fun k => iter (chain_step L lambda delta) k 1) 0.
Proof.
  intros H; apply modulus_converges with (lem4_c L lambda delta) (fun _ => True); auto.
  - intros; apply even_modulus.
  - exact lem4_c_pos.
  - exact lem4_c_mono.
  - exact lem4_c_cont.
  - rewrite Rabs_R1, lem4_c_1; exact H.
Qed.

Theorem lem4_even_diverges_iter : 2 < delta * (1 - lambda) ->
  cv_infty (fun k => Rabs (iter (chain_step L lambda delta) k 1)).
Proof.
  intros H; apply modulus_diverges with (lem4_c L lambda delta) (fun _ => True); auto.
  - intros; apply even_modulus.
  - exact lem4_c_mono.
  - rewrite Rabs_R1, lem4_c_1; exact H.
Qed.

Theorem lem4_even_cycle_iter : delta * (1 - lambda) = 2 ->
  forall k, iter (chain_step L lambda delta) k 1 = (-1) ^ k.
Proof.
  intros H; induction k as [|k IH]; [reflexivity|]; cbn [iter pow]; rewrite IH, even_step.
  rewrite pow_1_abs, lem4_c_1, H; ring.
Qed.

End Even.

(** ** Odd L: beyond 1/(1 - lambda) the orbit can turn to the negative root *)

(** From -v, v > 0, a chain of odd length is the mirror image of one with target -lambda. *)
Lemma odd_mirror : Nat.Odd L -> forall v,
  - chain_step L lambda delta (- v) = chain_step L (- lambda) delta v.
Proof.
  intros [m E] v; unfold chain_step.
  assert (O : (- v) ^ L = - v ^ L).
  { rewrite E; replace (2 * m + 1)%nat with (S (2 * m)) by lia; cbn [pow].
    rewrite even_pow_opp by (exists m; reflexivity); ring. }
  assert (Q : (- v) ^ (L - 1) = v ^ (L - 1)) by (apply even_pow_opp; exists m; lia).
  rewrite O, Q; ring.
Qed.

(** The chain with target r^L from any v in (0, r], in the regime where mu >= 0. *)
Lemma chain_from_below : forall r v, 0 < v <= r ->
  delta * (INR L * r ^ (2 * (L - 1))) <= 1 ->
  Un_cv (fun k => iter (chain_step L (r ^ L) delta) k v) r.
Proof.
  intros r v Hv Hc.
  set (b := 1 - delta * (v ^ (L - 1) * geo L r v)).
  assert (G : 0 < geo L r v) by (destruct L as [|n]; [lia|]; apply geo_pos; lra).
  assert (Sl : 0 < delta * (v ^ (L - 1) * geo L r v)).
  { repeat apply Rmult_lt_0_compat; [exact delta_pos|apply pow_lt; lra|exact G]. }
  assert (M : forall x, v <= x <= r -> 0 <= mu L r delta x <= b).
  { intros x Hx; unfold mu, b; rewrite <- slope_root in Hc by lia.
    assert (A : v ^ (L - 1) * geo L r v <= x ^ (L - 1) * geo L r x) by (apply slope_mono; lra).
    assert (B : x ^ (L - 1) * geo L r x <= r ^ (L - 1) * geo L r r) by (apply slope_mono; lra).
    apply (Rmult_le_compat_l delta) in A; [|lra].
    apply (Rmult_le_compat_l delta) in B; [|lra]; lra. }
  assert (b0 : 0 <= b) by (assert (Mv := M v ltac:(lra)); lra).
  apply geometric_cv with b (Rabs (v - r)); [unfold b in *; lra|].
  apply contract with (mu L r delta); [unfold b in *; lra| |].
  - intros x; apply step_factor; reflexivity.
  - intros x [Hx|Hx]; apply M; lra.
Qed.

Theorem lem4_odd_iter : forall r, Nat.Odd L -> 0 < r -> lambda = - r ^ L ->
  1 < delta * (1 - lambda) <= 1 + r -> delta * (INR L * r ^ (2 * (L - 1))) <= 1 ->
  Un_cv (fun k => iter (chain_step L lambda delta) k 1) (- r).
Proof.
  intros r HO Hr El Hd Hc.
  set (v := delta * (1 - lambda) - 1).
  assert (W1 : chain_step L lambda delta 1 = - v) by (rewrite lem4_step, !pow1; unfold v; ring).
  assert (Mi : forall k, iter (chain_step L lambda delta) k (- v)
                         = - iter (chain_step L (r ^ L) delta) k v).
  { induction k as [|k IH]; cbn [iter]; [reflexivity|].
    rewrite IH; replace (r ^ L) with (- lambda) at 2 by lra.
    rewrite <- odd_mirror by exact HO; ring. }
  apply cv_tail with 1%nat; cbn [iter]; rewrite W1.
  apply Un_cv_ext with (fun k => -1 * iter (chain_step L (r ^ L) delta) k v).
  - intros k; rewrite Mi; ring.
  - replace (- r) with (-1 * r) by ring; apply cv_scal, chain_from_below; [unfold v; lra|exact Hc].
Qed.

End Lem4.

(** ** In the paper's terms: runs of gradient descent from w_i = 1 *)

Section Runs.

Variables (L : nat) (lambda delta : R) (w : nat -> nat -> R).
Hypothesis lambda_neg : lambda < 0.
Hypothesis delta_pos : 0 < delta.
Hypothesis run : descent (chain_loss L lambda) L delta w.
Hypothesis start : forall i, (i < L)%nat -> w O i = 1.

Lemma run_cv : forall l, Un_cv (fun k => iter (chain_step L lambda delta) k 1) l ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) l.
Proof.
  intros l H i Hi; apply Un_cv_ext with (2 := H); intros k; symmetry.
  apply (chain_descent L lambda delta w 1 run start k i Hi).
Qed.

Theorem lem4_converges : (2 <= L)%nat -> delta <= 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. intros HL H; apply run_cv, lem4_iter; assumption. Qed.

(** For L >= 3 the convergence is sublinear (for delta = 1/(1 - lambda) the first step
    hits 0). *)
Theorem lem4_sublinear : (3 <= L)%nat -> delta < 1 / (1 - lambda) ->
  forall b C, 0 <= b < 1 -> forall i, (i < L)%nat -> exists k, C * b ^ k < Rabs (w k i).
Proof.
  intros HL H b C Hb i Hi.
  assert (H1 : delta * (1 - lambda) < 1).
  { apply (Rmult_lt_compat_r (1 - lambda)) in H; [|lra].
    replace (1 / (1 - lambda) * (1 - lambda)) with 1 in H by (field; lra); exact H. }
  assert (St : forall x, 0 < x <= 1 -> 0 < chain_step L lambda delta x <= 1).
  { intros x Hx; rewrite lem4_step by lia; fold (lem4_c L lambda delta x).
    assert (P : 0 < lem4_c L lambda delta x) by (apply lem4_c_pos; auto; lra).
    assert (M : lem4_c L lambda delta x <= lem4_c L lambda delta 1)
      by (apply lem4_c_mono; auto; lra).
    rewrite lem4_c_1 in M; split; nra. }
  destruct (modulus_sublinear (chain_step L lambda delta) (lem4_c L lambda delta)
    (fun x => 0 < x <= 1) 1) with (b := b) (C := C) as [k Hk]; auto.
  - lra.
  - intros x Hx; rewrite (Rabs_right x) by lra; rewrite lem4_step by lia.
    fold (lem4_c L lambda delta x); rewrite Rabs_mult, (Rabs_right x); [reflexivity|lra].
  - intros; apply lem4_c_pos; auto.
  - intros; apply lem4_c_mono; auto.
  - intros; apply lem4_c_cont.
  - rewrite Rabs_R1, lem4_c_1; lra.
  - unfold lem4_c; rewrite pow_i by lia; ring.
  - intros k; assert (P : 0 < iter (chain_step L lambda delta) k 1 <= 1); [|lra].
    induction k as [|k IH]; cbn [iter]; [lra|apply St, IH].
  - exists k; rewrite (chain_descent L lambda delta w 1 run start k i Hi); exact Hk.
Qed.

Lemma chain_L1_limit : L = 1%nat -> delta < 2 -> Un_cv (fun k => w k O) lambda.
Proof.
  intros EL H; apply run_cv; [|lia]; rewrite EL.
  apply geometric_cv with (Rabs (1 - delta)) (Rabs (1 - lambda)).
  - split; [apply Rabs_pos|apply Rabs_def1; lra].
  - intros k; right; induction k as [|k IH]; cbn [iter pow]; [ring|].
    rewrite Rmult_assoc, <- IH, <- Rabs_mult; f_equal; unfold chain_step; cbn; ring.
Qed.

Theorem lem4_even_converges : (2 <= L)%nat -> Nat.Even L -> delta < 2 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof.
  intros HL HE H; apply run_cv, lem4_even_iter; auto.
  apply (Rmult_lt_compat_r (1 - lambda)) in H; [|lra].
  replace (2 / (1 - lambda) * (1 - lambda)) with 2 in H by (field; lra); exact H.
Qed.

Theorem lem4_even_cycle : (2 <= L)%nat -> Nat.Even L -> delta = 2 / (1 - lambda) ->
  forall k i, (i < L)%nat -> w k i = (-1) ^ k.
Proof.
  intros HL HE H k i Hi; rewrite (chain_descent L lambda delta w 1 run start k i Hi).
  apply lem4_even_cycle_iter; auto; rewrite H; field; lra.
Qed.

Theorem lem4_even_diverges : (2 <= L)%nat -> Nat.Even L -> 2 / (1 - lambda) < delta ->
  forall i, (i < L)%nat -> cv_infty (fun k => Rabs (w k i)).
Proof.
  intros HL HE H i Hi.
  assert (D : cv_infty (fun k => Rabs (iter (chain_step L lambda delta) k 1))).
  { apply lem4_even_diverges_iter; auto; apply step_lt; assumption. }
  intros M; destruct (D M) as [N HN]; exists N; intros n Hn.
  rewrite (chain_descent L lambda delta w 1 run start n i Hi); auto.
Qed.

Theorem lem4_odd_sharp : forall r, (3 <= L)%nat -> Nat.Odd L -> 0 < r -> lambda = - r ^ L ->
  1 / (1 - lambda) < delta -> delta <= (1 + r) / (1 - lambda) ->
  delta <= 1 / (INR L * r ^ (2 * (L - 1))) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (- r).
Proof.
  intros r HL HO Hr El H1 H2 H3; apply run_cv, lem4_odd_iter; auto; try lia.
  - apply step_lt in H1; [|assumption]; apply step_le in H2; [lra|assumption].
  - assert (P : 0 < INR L * r ^ (2 * (L - 1))).
    { apply Rmult_lt_0_compat; [apply lt_0_INR; lia|apply pow_lt; exact Hr]. }
    apply (Rmult_le_compat_r (INR L * r ^ (2 * (L - 1)))) in H3; [|lra].
    unfold Rdiv in H3; rewrite Rmult_1_l, Rinv_l in H3; lra.
Qed.

End Runs.

(** ** Counterexamples *)

Theorem lem4_refuted_L1 : forall lambda delta w, lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 1 lambda) 1 delta w -> w O O = 1 ->
  Un_cv (fun k => w k O) lambda /\ ~ Un_cv (fun k => w k O) 0.
Proof.
  intros lambda delta w Hl Hd D H0.
  assert (B : 1 / (1 - lambda) < 2).
  { apply Rmult_lt_reg_r with (1 - lambda); [lra|].
    replace (1 / (1 - lambda) * (1 - lambda)) with 1 by (field; lra); lra. }
  assert (C : Un_cv (fun k => w k O) lambda).
  { apply (chain_L1_limit 1 lambda delta w); try lra; auto.
    intros i Hi; replace i with O by lia; exact H0. }
  split; [exact C|]; intros Z; assert (E := UL_sequence _ _ _ C Z); lra.
Qed.

Theorem lem4_odd_reentry : 1 / (1 - -1) < 221 / 200 /\
  forall w, descent (chain_loss 3 (-1)) 3 (221 / 200) w ->
  (forall i, (i < 3)%nat -> w O i = 1) ->
  forall i, (i < 3)%nat -> Un_cv (fun k => w k i) 0.
Proof.
  split; [lra|]; intros w D H0; apply (run_cv 3 (-1) (221 / 200) w D H0).
  (* the second iterate is back in (0, 1/25) *)
  apply cv_tail with 2%nat; set (x := iter _ 2 1).
  assert (Hx : 0 <= x <= / 25).
  { unfold x, chain_step; cbn [iter Nat.sub pow]; lra. }
  apply lem4_from; try lra; [lia|unfold lem4_c; cbn [Nat.sub pow]].
  assert (x * (x * (x * 1)) <= 1 /\ 0 <= x * (x * (x * 1))) by (split; nra).
  nra.
Qed.
