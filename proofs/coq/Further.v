(** Further facts about Examples 1 and 3, Corollary 1, Lemma 4 and Theorem 2.

    Proves:
    - Example 1: the run tends to 0 exactly when it reaches 0; 0 is the strict minimum of the
      loss; its second derivative; the orbit is superstable; how |x| moves; the recursion for s;
    - [ratio_cv]: sublinear convergence in the strong sense x_(k+1) / x_k -> 1, for Example 3,
      Lemma 4 (L >= 3) and Theorem 2 at a zero eigenvalue;
    - Lemma 4: the rates for L = 1 and L = 2;
    - [means_step]: one more number in the inequality of the means; [cor1_sum]: Corollary 1 from
      the sum of Theorem 1, for matrices too.

    Notation: see Definitions.v.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018. *)

Require Import Reals Ranalysis5 Lra Lia Psatz.
From Symgd Require Import Definitions Sequences Lem3 Ex1 Ex3 Cor1 Lem4 Thm2.
Local Open Scope R_scope.

(** ** Example 1 *)

Lemma ex1_step_0 : forall delta, ex1_step delta 0 = 0.
Proof. intros; unfold ex1_step; rewrite sgn_0; ring. Qed.

Theorem ex1_limit_zero : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  (Un_cv x 0 <-> inS (x O / delta ^ 2)).
Proof.
  intros delta x Hd D; split.
  - intros C; destruct (Classical_Prop.classic (inS (x O / delta ^ 2))) as [|N]; auto; exfalso.
    destruct (ex1_converges delta x Hd D N) as [sigma [Hs Cs]].
    assert (Z : Un_cv (fun k => (-1) ^ k * x k) 0).
    { intros eps He; destruct (C eps He) as [M HM]; exists M; intros n Hn; specialize (HM n Hn).
      unfold R_dist in *; rewrite Rminus_0_r in *; rewrite Rabs_mult, pow_1_abs; lra. }
    assert (E := UL_sequence _ _ _ Z Cs).
    assert (0 < delta ^ 2) by (apply pow_lt; exact Hd); destruct Hs as [->| ->]; lra.
  - intros S; destruct (proj2 (ex1_reaches_iff delta x Hd D) S) as [k Hk].
    rewrite ex1_descent in D; intros eps He; exists k; intros n Hn.
    replace (x n) with 0; [rewrite R_dist_eq; exact He|].
    replace n with (n - k + k)%nat by lia; rewrite D, iter_add, <- D, Hk.
    induction (n - k)%nat as [|j IH]; cbn [iter]; [reflexivity|]; rewrite <- IH, ex1_step_0; reflexivity.
Qed.

Theorem ex1_minimum : forall x, x <> 0 -> ex1_loss 0 < ex1_loss x.
Proof.
  intros x N; unfold ex1_loss; rewrite Rabs_R0, sqrt_0.
  assert (P := Rabs_pos_lt x N); assert (Q := sqrt_lt_R0 _ P).
  assert (0 < Rabs x * sqrt (Rabs x)) by (apply Rmult_lt_0_compat; assumption); lra.
Qed.

Lemma slope_odd : forall y, sgn (- y) * sqrt (Rabs (- y)) = - (sgn y * sqrt (Rabs y)).
Proof.
  intros y; rewrite Rabs_Ropp; destruct (Rtotal_order y 0) as [N|[->|P]].
  - rewrite (sgn_neg y), (sgn_pos (- y)) by lra; ring.
  - rewrite Ropp_0, sgn_0; ring.
  - rewrite (sgn_pos y), (sgn_neg (- y)) by lra; ring.
Qed.

Theorem ex1_second : forall x, x <> 0 ->
  derivable_pt_lim (fun y => sgn y * sqrt (Rabs y)) x (/ (2 * sqrt (Rabs x))).
Proof.
  assert (Pos : forall x, 0 < x ->
    derivable_pt_lim (fun y => sgn y * sqrt (Rabs y)) x (/ (2 * sqrt x))).
  { intros x Hx; apply (derivable_pt_lim_locally_ext sqrt _ x 0 (x + 1)); [lra| |].
    - intros y Hy; rewrite sgn_pos, Rabs_right by lra; ring.
    - apply derivable_pt_lim_sqrt; exact Hx. }
  intros x N; destruct (Rtotal_order x 0) as [H|[H|H]]; [|contradiction|].
  - rewrite Rabs_left by exact H.
    apply (derivable_pt_lim_ext (opp_fct (comp (fun y => sgn y * sqrt (Rabs y)) (opp_fct id)))).
    { intros y; unfold comp, opp_fct, id; rewrite slope_odd; ring. }
    replace (/ (2 * sqrt (- x))) with (- (/ (2 * sqrt (- x)) * - 1)) by ring.
    apply derivable_pt_lim_opp, derivable_pt_lim_comp.
    + apply derivable_pt_lim_opp, derivable_pt_lim_id.
    + apply Pos; unfold opp_fct, id; lra.
  - rewrite Rabs_right by lra; apply Pos; exact H.
Qed.

Theorem ex1_superstable : forall delta x, 0 < delta -> Rabs x = delta ^ 2 / 4 ->
  derivable_pt_lim (ex1_step delta) x 0.
Proof.
  intros delta x Hd Hx; assert (D : 0 < delta ^ 2) by (apply pow_lt; exact Hd).
  assert (N : x <> 0) by (intros ->; rewrite Rabs_R0 in Hx; lra).
  replace 0 with (1 - delta * (/ (2 * sqrt (Rabs x)))).
  - apply (derivable_pt_lim_minus id (mult_real_fct delta (fun y => sgn y * sqrt (Rabs y)))).
    + apply derivable_pt_lim_id.
    + apply derivable_pt_lim_scal, ex1_second, N.
  - replace (sqrt (Rabs x)) with (delta / 2); [field; lra|].
    rewrite Hx; replace (delta ^ 2 / 4) with ((delta / 2) * (delta / 2)) by field.
    rewrite sqrt_square; lra.
Qed.

(** |x|/delta^2 moves by r <- |r - sqrt r|. *)
Theorem ex1_observed : forall delta x, 0 < delta ->
  Rabs (ex1_step delta x) / delta ^ 2 = Rabs (Rabs x / delta ^ 2 - sqrt (Rabs x / delta ^ 2)).
Proof.
  intros delta x Hd; assert (D : 0 < delta ^ 2) by (apply pow_lt; exact Hd).
  set (y := x / delta ^ 2).
  assert (X : x = delta ^ 2 * y) by (unfold y; field; lra).
  rewrite X, ex1_step_scale, !Rabs_mult, (Rabs_right (delta ^ 2)) by (auto; lra).
  replace (delta ^ 2 * Rabs (g y) / delta ^ 2) with (Rabs (g y)) by (field; lra).
  replace (delta ^ 2 * Rabs y / delta ^ 2) with (Rabs y) by (field; lra).
  destruct (Req_dec y 0) as [->|N].
  - unfold g; rewrite sgn_0, Rabs_R0, sqrt_0; f_equal; ring.
  - apply g_abs, Rabs_pos_lt, N.
Qed.

Theorem ex1_flips : forall x, 0 < Rabs x < 1 -> g x * x < 0.
Proof.
  intros x [P U]; destruct (sqrt_form _ P) as [q [Hq [F E]]]; unfold g; rewrite E.
  assert (q < 1) by (rewrite F in U; nra); assert (0 < q * (1 - q)) by (apply Rmult_lt_0_compat; lra).
  destruct (Rtotal_order x 0) as [N|[Z|Q]].
  - rewrite sgn_neg by exact N; rewrite Rabs_left in F by exact N.
    assert (0 < - x * (x + q)) by (apply Rmult_lt_0_compat; lra); lra.
  - rewrite Z, Rabs_R0 in P; lra.
  - rewrite sgn_pos by exact Q; rewrite Rabs_right in F by lra.
    assert (0 < x * (q - x)) by (apply Rmult_lt_0_compat; lra); lra.
Qed.

Theorem ex1_recursion : forall r, 0 <= r ->
  ((1 + sqrt (1 + 4 * r)) / 2) ^ 2 - sqrt (((1 + sqrt (1 + 4 * r)) / 2) ^ 2) = r /\
  r + 1 <= ((1 + sqrt (1 + 4 * r)) / 2) ^ 2.
Proof.
  intros r Hr; set (q := sqrt (1 + 4 * r)).
  assert (Q : q * q = 1 + 4 * r) by (apply sqrt_sqrt; lra).
  assert (P : 0 <= q) by apply sqrt_pos.
  assert (1 <= q) by nra; rewrite sqrt_pow2 by lra; split; nra.
Qed.

Theorem ex1_quadratic : forall y, Rabs y <= 1 ->
  0 <= / 4 - Rabs (g y) <= 4 * (/ 4 - Rabs y) ^ 2.
Proof.
  intros y H; destruct (Rabs_pos y) as [P|Z].
  - destruct H as [H|H]; [apply g_quadratic; lra|].
    rewrite g_abs, H, sqrt_1 by exact P; replace (1 - 1) with 0 by ring; rewrite Rabs_R0; lra.
  - assert (y = 0) as -> by (destruct (Req_dec y 0) as [|N]; auto; apply Rabs_pos_lt in N; lra).
    unfold g; rewrite sgn_0, Rmult_0_l, Rminus_0_r, Rabs_R0; lra.
Qed.

(** ** The ratio of successive iterates tends to 1 *)

Lemma ratio_cv : forall (u : nat -> R) (h : R -> R),
  (forall k, u (S k) = (1 - h (u k)) * u k) -> continuity_pt h 0 -> h 0 = 0 ->
  Un_cv u 0 -> (forall k, u k <> 0) -> Un_cv (fun k => u (S k) / u k) 1.
Proof.
  intros u h E C Z U N; apply Un_cv_ext with (fun k => 1 - h (u k)).
  - intros k; rewrite E; field; apply N.
  - assert (H := continuity_seq h u 0 C U); rewrite Z in H.
    assert (Q := CV_minus (fun _ => 1) (fun k => h (u k)) 1 0 (cv_const 1) H).
    rewrite Rminus_0_r in Q; exact Q.
Qed.

Theorem ex3_ratio : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) < ex3_threshold L delta -> (forall k, x k <> 0) ->
  Un_cv (fun k => x (S k) / x k) 1.
Proof.
  intros L delta HE HL Hd x D H N.
  assert (It := proj1 (ex3_descent L delta x ltac:(lia)) D).
  apply ratio_cv with (fun r => delta * INR L * r ^ (L - 2)).
  - intros k; rewrite (It (S k)), (It k); cbn [iter]; unfold ex3_step; ring.
  - apply (continuity_pt_scal (fun y => y ^ (L - 2))), derivable_continuous_pt, derivable_pt_pow.
  - rewrite pow_i by lia; ring.
  - apply (ex3_converges L delta); auto.
  - exact N.
Qed.

Theorem lem4_ratio : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (3 <= L)%nat -> delta < 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0 /\
    (forall k, 0 < w k i) /\ Un_cv (fun k => w (S k) i / w k i) 1.
Proof.
  intros L lambda delta w Hl Hd D H0 HL H i Hi.
  assert (C := lem4_converges L lambda delta w Hl Hd D H0 ltac:(lia) (Rlt_le _ _ H) i Hi).
  assert (It := chain_descent L lambda delta w 1 D H0).
  assert (H1 : delta * (1 - lambda) < 1).
  { apply (Rmult_lt_compat_r (1 - lambda)) in H; [|lra].
    replace (1 / (1 - lambda) * (1 - lambda)) with 1 in H by (field; lra); exact H. }
  assert (P : forall k, 0 < w k i <= 1).
  { intros k; rewrite It by exact Hi; induction k as [|k IH]; cbn [iter]; [lra|].
    set (x := iter _ k 1) in *; rewrite lem4_step by lia; fold (lem4_c L lambda delta x).
    assert (Q : 0 < lem4_c L lambda delta x) by (apply lem4_c_pos; auto; lra).
    assert (M : lem4_c L lambda delta x <= lem4_c L lambda delta 1)
      by (apply lem4_c_mono; auto; lra).
    rewrite lem4_c_1 in M; split; nra. }
  split; [exact C|]; split; [intros k; apply P|].
  apply (ratio_cv (fun k => w k i) (lem4_c L lambda delta)).
  - intros k; rewrite !It by exact Hi; cbn [iter]; rewrite lem4_step by lia; reflexivity.
  - apply lem4_c_cont.
  - unfold lem4_c; rewrite pow_i by lia; ring.
  - exact C.
  - intros k; specialize (P k); lra.
Qed.

Theorem thm2_ratio : forall L delta w, (2 <= L)%nat -> 0 < delta <= 1 / INR L ->
  descent (chain_loss L 0) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> (forall k, 0 < w k i) /\ Un_cv (fun k => w (S k) i / w k i) 1.
Proof.
  intros L delta w HL Hd D H0 i Hi.
  assert (C := thm2_singular_converges L delta w HL Hd D H0 i Hi).
  assert (It := chain_descent L 0 delta w 1 D H0).
  assert (P : forall k, 0 < w k i).
  { intros k; rewrite It by exact Hi; apply (thm2_positive L delta HL Hd k). }
  split; [exact P|].
  apply (ratio_cv (fun k => w k i) (thm2_c L delta)).
  - intros k; rewrite !It by exact Hi; cbn [iter]; apply thm2_step; exact HL.
  - apply thm2_c_cont.
  - unfold thm2_c; rewrite pow_i by lia; ring.
  - exact C.
  - intros k; specialize (P k); lra.
Qed.

(** ** Lemma 4 for one and two layers *)

Theorem lem4_one_layer : forall lambda delta w, lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 1 lambda) 1 delta w -> w O O = 1 ->
  forall k, w k O - lambda = (1 - delta) ^ k * (1 - lambda) /\ 0 < 1 - delta < 1.
Proof.
  intros lambda delta w Hl Hd D H0 k; split.
  - rewrite (chain_descent 1 lambda delta w 1 D) by (lia || (intros [|i] Hi; [exact H0|lia])).
    induction k as [|k IH]; cbn [iter pow]; [ring|].
    rewrite Rmult_assoc, <- IH; unfold chain_step; cbn; ring.
  - assert (1 / (1 - lambda) < 1); [|lra].
    apply Rmult_lt_reg_r with (1 - lambda); [lra|].
    replace (1 / (1 - lambda) * (1 - lambda)) with 1 by (field; lra); lra.
Qed.

Theorem lem4_two_layers : forall lambda delta w, lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 2 lambda) 2 delta w -> (forall i, (i < 2)%nat -> w O i = 1) ->
  forall k i, (i < 2)%nat -> 0 <= w k i <= (1 + delta * lambda) ^ k.
Proof.
  intros lambda delta w Hl Hd D H0 k i Hi.
  rewrite (chain_descent 2 lambda delta w 1 D H0 k i Hi).
  assert (H1 : delta * (1 - lambda) <= 1).
  { destruct Hd as [_ Hd]; apply (Rmult_le_compat_r (1 - lambda)) in Hd; [|lra].
    replace (1 / (1 - lambda) * (1 - lambda)) with 1 in Hd by (field; lra); exact Hd. }
  assert (B : 0 <= iter (chain_step 2 lambda delta) k 1 <= (1 + delta * lambda) ^ k /\
              iter (chain_step 2 lambda delta) k 1 <= 1).
  { induction k as [|k [IH I1]]; cbn [iter pow]; [lra|].
    set (x := iter _ k 1) in *; unfold chain_step; cbn.
    replace (x - delta * (x * 1 * (x * (x * 1) - lambda)))
      with (x * (1 + delta * lambda - delta * (x * x))) by ring.
    assert (X : 0 <= x * x <= 1) by (split; nra).
    assert (Y : 0 <= delta * (x * x) <= delta) by (split; [apply Rmult_le_pos|]; nra).
    assert (Z : 0 <= 1 + delta * lambda - delta * (x * x) <= 1 + delta * lambda) by lra.
    assert (W : 1 + delta * lambda <= 1) by nra.
    repeat split.
    - apply Rmult_le_pos; lra.
    - rewrite (Rmult_comm (1 + delta * lambda)); apply Rmult_le_compat; lra.
    - replace 1 with (1 * 1) at 2 by ring; apply Rmult_le_compat; lra. }
  apply B.
Qed.

(** ** The means, and Corollary 1 from the sum of Theorem 1 *)

Theorem means_step : forall k m e p, 0 <= m -> 0 <= p -> p <= m ^ k ->
  0 <= m + (INR k + 1) * e ->
  p * (m + (INR k + 1) * e) <= (m + e) ^ (k + 1) /\ 0 <= m + e /\
  0 <= p * (m + (INR k + 1) * e).
Proof.
  intros k m e p Hm Hp H Hx; set (x := m + (INR k + 1) * e) in *.
  assert (K : 0 <= INR k) by apply pos_INR.
  set (a := fun i => if Nat.ltb i k then m else x).
  assert (A : forall i, (i < k)%nat -> a i = m)
    by (intros i Hi; unfold a; apply Nat.ltb_lt in Hi; rewrite Hi; reflexivity).
  assert (Ak : a k = x) by (unfold a; rewrite Nat.ltb_irrefl; reflexivity).
  destruct (amgm a (S k)) as [G _]; [lia| |].
  - intros i Hi; unfold a; destruct (Nat.ltb i k); assumption.
  - cbn [Prod Sum] in G; rewrite (Prod_const m a k A), (Sum_const m a k A), Ak, S_INR in G.
    replace ((INR k * m + x) / (INR k + 1)) with (m + e) in G by (unfold x; field; lra).
    rewrite Nat.add_1_r; split; [|split; [|apply Rmult_le_pos; assumption]].
    + apply Rle_trans with (2 := G); apply Rmult_le_compat_r; assumption.
    + apply Rmult_le_reg_l with (INR k + 1); [lra|].
      rewrite Rmult_0_r; replace ((INR k + 1) * (m + e)) with (INR k * m + x) by (unfold x; ring).
      assert (0 <= INR k * m) by (apply Rmult_le_pos; assumption); lra.
Qed.

(** p j, q j for j = 0, ..., L stand for p_j, q_(j+1) of Theorem 1. *)
Theorem cor1_sum : forall L rho delta (p q : nat -> R), (1 <= L)%nat -> 0 < rho -> 0 < delta ->
  p O = 1 -> q L = 1 -> (forall j, (1 <= j < L)%nat -> rho <= p j * q j) ->
  delta * Sum (fun j => p j ^ 2 * q (S j) ^ 2) L <= 2 ->
  delta <= 2 / balanced_sharpness L rho.
Proof.
  intros L rho delta p q HL Hr Hd P0 QL H B.
  assert (N := lt_0_INR L ltac:(lia)); assert (T := root_pos L rho).
  set (a := fun j => p j ^ 2 * q (S j) ^ 2) in *.
  destruct (amgm a L HL) as [G _].
  { intros i _; unfold a; apply Rmult_le_pos; apply pow2_ge_0. }
  (* the product telescopes: p_0 (p_1 q_1) ... (p_(L-1) q_(L-1)) q_L *)
  assert (Tel : forall n, (n < L)%nat ->
    Prod a (S n) = (p O * Prod (fun j => p (S j) * q (S j)) n * q (S n)) ^ 2).
  { induction n as [|n IH]; intros Hn; [unfold a; cbn [Prod]; ring|].
    cbn [Prod] in *; rewrite IH by lia; unfold a; ring. }
  assert (Low : rho ^ (L - 1) <= Prod (fun j => p (S j) * q (S j)) (L - 1)).
  { rewrite <- (Prod_const rho (fun _ => rho)) by reflexivity.
    apply Prod_le; intros i Hi; split; [lra|apply H; lia]. }
  assert (R : 0 < rho ^ (L - 1)) by (apply pow_lt; exact Hr).
  assert (E : Prod a L = Prod (fun j => p (S j) * q (S j)) (L - 1) ^ 2).
  { replace L with (S (L - 1)) at 1 by lia; rewrite Tel by lia.
    replace (S (L - 1)) with L by lia; rewrite P0, QL; ring. }
  assert (S2 : (rho ^ (L - 1)) ^ 2 <= Prod a L) by (rewrite E; apply pow_incr; lra).
  set (t := root L rho) in *.
  assert (M : t ^ (2 * (L - 1)) <= Sum a L / INR L).
  { destruct (Rle_lt_dec (t ^ (2 * (L - 1))) (Sum a L / INR L)) as [|C]; auto; exfalso.
    assert (A0 : 0 <= Sum a L / INR L).
    { apply Rmult_le_pos; [|left; apply Rinv_0_lt_compat, N].
      apply Sum_nonneg; intros i _; unfold a; apply Rmult_le_pos; apply pow2_ge_0. }
    assert (Q : (Sum a L / INR L) ^ L < (t ^ (2 * (L - 1))) ^ L) by (apply pow_lt_mono; [lra|exact HL]).
    replace ((t ^ (2 * (L - 1))) ^ L) with ((rho ^ (L - 1)) ^ 2) in Q; [lra|].
    unfold t; rewrite <- (root_pow L rho) at 1 by assumption; rewrite <- !pow_mult; f_equal; lia. }
  apply Rmult_le_reg_r with (balanced_sharpness L rho); [apply sharpness_pos, HL|].
  replace (2 / balanced_sharpness L rho * balanced_sharpness L rho) with 2
    by (field; apply Rgt_not_eq, sharpness_pos, HL).
  apply Rle_trans with (2 := B); apply Rmult_le_compat_l; [lra|].
  rewrite <- root_sharpness by assumption; fold t.
  apply (Rmult_le_compat_l (INR L)) in M; [|lra].
  replace (INR L * (Sum a L / INR L)) with (Sum a L) in M by (field; lra); exact M.
Qed.
