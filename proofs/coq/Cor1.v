(** Corollaries 1 and 2 for the chain of L scalar weights.

    Proves, for every L >= 1 and lambda <> 0:
    - the general inequality of the arithmetic and geometric means, with equality exactly
      for equal numbers;
    - at every minimum (w_1 ... w_L = lambda) the sharpness of the loss, that is the largest
      eigenvalue of its Hessian, is lambda^2 (1/w_1^2 + ... + 1/w_L^2);
    - so the stability threshold 2/sharpness is at most 2/(L |lambda|^(2(L-1)/L)), with
      equality exactly when the weights are balanced (all |w_i| equal);
    - beyond that bound a run from equal weights can converge only by landing on the minimum;
    - Corollary 2: the same bound solved for |lambda|.

    Notation: see Definitions.v; the Hessian at a minimum is h_i h_j with h_i = lambda / w_i.
    Source: Nar & Sastry, "Step Size Matters in Deep Learning", 2018, Corollaries 1 and 2. *)

Require Import Reals Lra Lia Psatz.
From Symgd Require Import Definitions Sequences Lem3.
Local Open Scope R_scope.

(** ** Arithmetic and geometric mean

    With A the mean, each a_i <= A exp(a_i/A - 1), and the product of the right-hand sides
    is A^n; equality in 1 + x <= exp x holds only at x = 0. *)

Lemma Prod_le : forall a b n, (forall i, (i < n)%nat -> 0 <= a i <= b i) ->
  0 <= Prod a n <= Prod b n.
Proof.
  induction n as [|n IH]; intros H; cbn [Prod]; [lra|].
  assert (I := IH ltac:(intros; apply H; lia)); assert (J := H n ltac:(lia)).
  split; [apply Rmult_le_pos; lra|apply Rmult_le_compat; lra].
Qed.

Lemma Prod_pos : forall a n, (forall i, (i < n)%nat -> 0 < a i) -> 0 < Prod a n.
Proof.
  induction n as [|n IH]; intros H; cbn [Prod]; [lra|].
  apply Rmult_lt_0_compat; [apply IH; intros; apply H|apply H]; lia.
Qed.

Lemma Prod_lt : forall a b n k, (k < n)%nat ->
  (forall i, (i < n)%nat -> 0 <= a i <= b i) -> (forall i, (i < n)%nat -> 0 < b i) ->
  a k < b k -> Prod a n < Prod b n.
Proof.
  induction n as [|n IH]; intros k Hk H P Q; [lia|]; cbn [Prod].
  assert (J := H n ltac:(lia)); assert (Pn := P n ltac:(lia)).
  assert (I : 0 <= Prod a n <= Prod b n) by (apply Prod_le; intros; apply H; lia).
  assert (PB : 0 < Prod b n) by (apply Prod_pos; intros; apply P; lia).
  destruct (Nat.eq_dec k n) as [->|N].
  - apply Rle_lt_trans with (Prod b n * a n); [apply Rmult_le_compat_r; lra|].
    apply Rmult_lt_compat_l; lra.
  - assert (Prod a n < Prod b n) by (apply (IH k); try lia; auto).
    apply Rle_lt_trans with (Prod a n * b n); [apply Rmult_le_compat_l; lra|].
    apply Rmult_lt_compat_r; lra.
Qed.

Lemma Sum_nonneg : forall a n, (forall i, (i < n)%nat -> 0 <= a i) -> 0 <= Sum a n.
Proof.
  induction n as [|n IH]; intros H; cbn [Sum]; [lra|].
  assert (0 <= Sum a n) by (apply IH; intros; apply H; lia); assert (J := H n ltac:(lia)); lra.
Qed.

Lemma Sum_zero : forall a n, (forall i, (i < n)%nat -> 0 <= a i) -> Sum a n = 0 ->
  forall i, (i < n)%nat -> a i = 0.
Proof.
  induction n as [|n IH]; intros H E i Hi; [lia|]; cbn [Sum] in E.
  assert (0 <= Sum a n) by (apply Sum_nonneg; intros; apply H; lia).
  assert (J := H n ltac:(lia)).
  destruct (Nat.eq_dec i n) as [->|N]; [lra|]; apply IH; try lia; [intros; apply H; lia|lra].
Qed.

Lemma Sum_const : forall x a n, (forall i, (i < n)%nat -> a i = x) -> Sum a n = INR n * x.
Proof.
  induction n as [|n IH]; intros H; [cbn; ring|]; cbn [Sum].
  rewrite IH, H, S_INR by (intros; try apply H; lia); ring.
Qed.

Lemma Prod_exp : forall A a n,
  Prod (fun i => A * exp (a i / A - 1)) n = A ^ n * exp (Sum a n / A - INR n).
Proof.
  induction n as [|n IH].
  - cbn; unfold Rdiv; rewrite Rmult_0_l, Rminus_0_r, exp_0; ring.
  - rewrite S_INR; cbn [Prod Sum pow]; rewrite IH.
    replace ((Sum a n + a n) / A - (INR n + 1))
      with ((Sum a n / A - INR n) + (a n / A - 1)) by (unfold Rdiv; ring).
    rewrite exp_plus; ring.
Qed.

Lemma below_exp : forall A x, 0 < A ->
  x <= A * exp (x / A - 1) /\ (x <> A -> x < A * exp (x / A - 1)).
Proof.
  intros A x HA; assert (E : x = A * (1 + (x / A - 1))) by (field; lra).
  assert (St : x <> A -> x < A * exp (x / A - 1)).
  { intros N; rewrite E at 1; apply Rmult_lt_compat_l; [exact HA|]; apply exp_ineq1.
    intros Z; apply N; rewrite E, Z; ring. }
  split; [|exact St].
  destruct (Req_dec x A) as [->|N]; [|left; auto].
  replace (A / A - 1) with 0 by (field; lra); rewrite exp_0; lra.
Qed.

Theorem amgm : forall a n, (1 <= n)%nat -> (forall i, (i < n)%nat -> 0 <= a i) ->
  Prod a n <= (Sum a n / INR n) ^ n /\
  (Prod a n = (Sum a n / INR n) ^ n <->
   forall i j, (i < n)%nat -> (j < n)%nat -> a i = a j).
Proof.
  intros a n Hn H; set (A := Sum a n / INR n).
  assert (N0 : 0 < INR n) by (apply lt_0_INR; lia).
  assert (Eq : (forall i j, (i < n)%nat -> (j < n)%nat -> a i = a j) -> Prod a n = A ^ n).
  { intros C; assert (C0 : forall i, (i < n)%nat -> a i = a O) by (intros; apply C; lia).
    unfold A; rewrite (Prod_const (a O) a n C0), (Sum_const (a O) a n C0).
    f_equal; field; lra. }
  assert (A0 : 0 <= A).
  { apply Rmult_le_pos; [apply Sum_nonneg; exact H|left; apply Rinv_0_lt_compat, N0]. }
  destruct A0 as [A0|A0].
  - set (b := fun i => A * exp (a i / A - 1)).
    assert (B : forall i, (i < n)%nat -> 0 <= a i <= b i).
    { intros i Hi; split; [auto|]; apply (below_exp A (a i) A0). }
    assert (PB : Prod b n = A ^ n).
    { unfold b; rewrite Prod_exp.
      replace (Sum a n / A - INR n) with 0; [rewrite exp_0; ring|].
      assert (Sum a n = A * INR n) as -> by (unfold A; field; lra); field; lra. }
    split; [rewrite <- PB; apply Prod_le; exact B|split; [|exact Eq]].
    intros E; assert (C : forall i, (i < n)%nat -> a i = A).
    { intros i Hi; destruct (Req_dec (a i) A) as [|N]; auto; exfalso.
      assert (Prod a n < Prod b n); [|lra].
      apply Prod_lt with i; auto.
      - intros; unfold b; apply Rmult_lt_0_compat; [exact A0|apply exp_pos].
      - apply (below_exp A (a i) A0); exact N. }
    intros i j Hi Hj; rewrite !C; auto.
  - (* mean 0: all numbers are 0 *)
    assert (Z : forall i, (i < n)%nat -> a i = 0).
    { apply Sum_zero; [exact H|].
      assert (Sum a n = A * INR n) as -> by (unfold A; field; lra); rewrite <- A0; ring. }
    assert (C : forall i j, (i < n)%nat -> (j < n)%nat -> a i = a j)
      by (intros; rewrite !Z; auto).
    rewrite (Eq C); split; [lra|]; tauto.
Qed.

(** ** The Hessian of the chain at a minimum *)

Lemma affine_product : forall p q a b x,
  derivable_pt_lim (fun y => (y * p - q) * (y * a + b)) x
    (p * (x * a + b) + (x * p - q) * a).
Proof.
  assert (Af : forall m k x, derivable_pt_lim (fun y => y * m + k) x m).
  { intros m k x; apply (derivable_pt_lim_ext (mult_real_fct m id + fct_cte k)%F).
    { intros z; unfold plus_fct, mult_real_fct, id, fct_cte; ring. }
    replace m with (m * 1 + 0) at 2 by ring.
    apply derivable_pt_lim_plus.
    - apply derivable_pt_lim_scal, derivable_pt_lim_id.
    - apply derivable_pt_lim_const. }
  intros p q a b x.
  apply (derivable_pt_lim_mult (fun y => y * p - q) (fun y => y * a + b)); [|apply Af].
  apply (derivable_pt_lim_ext (fun y => y * p + - q)); [intros; ring|apply Af].
Qed.

Lemma Prod_nonzero_factor : forall w n i, (i < n)%nat -> Prod w n <> 0 -> w i <> 0.
Proof.
  intros w n i Hi H Z; apply H; rewrite (Prod_put_self w i n Hi), Z; ring.
Qed.

Theorem chain_hessian : forall L lambda w i j, lambda <> 0 -> Prod w L = lambda ->
  (i < L)%nat -> (j < L)%nat ->
  partial2 (chain_loss L lambda) w i j ((lambda / w i) * (lambda / w j)).
Proof.
  intros L lambda w i j N E Hi Hj.
  assert (NP : Prod w L <> 0) by (rewrite E; exact N).
  assert (Wi := Prod_nonzero_factor w L i Hi NP); assert (Wj := Prod_nonzero_factor w L j Hj NP).
  assert (Pi : Prod (put w i 1) L = lambda / w i).
  { rewrite <- E, (Prod_put_self w i L Hi); field; exact Wi. }
  assert (Pj : Prod (put w j 1) L = lambda / w j).
  { rewrite <- E, (Prod_put_self w j L Hj); field; exact Wj. }
  exists (fun v => (Prod v L - lambda) * Prod (put v i 1) L); split.
  { intros v; apply chain_partial; exact Hi. }
  (* the cofactor of w_i is affine in w_j *)
  assert (Af : exists a b, forall x, Prod (put (put w j x) i 1) L = x * a + b).
  { destruct (Nat.eq_dec i j) as [->|D].
    - exists 0, (lambda / w j); intros x; rewrite <- Pj, Rmult_0_r, Rplus_0_l.
      apply Prod_ext; intros l _; unfold put; destruct (Nat.eqb l j); reflexivity.
    - exists (Prod (put (put w i 1) j 1) L), 0; intros x.
      rewrite Rplus_0_r, <- Prod_put by exact Hj; apply Prod_ext; intros l _; unfold put.
      destruct (Nat.eqb_spec l i), (Nat.eqb_spec l j); congruence. }
  destruct Af as [a [b Af]].
  assert (V : w j * a + b = lambda / w i).
  { rewrite <- Af, <- Pi; apply Prod_ext; intros l _; unfold put at 1 3.
    destruct (Nat.eqb l i); [reflexivity|apply put_self]. }
  unfold partial.
  apply (derivable_pt_lim_ext (fun x => (x * (lambda / w j) - lambda) * (x * a + b))).
  { intros x; rewrite Af, (Prod_put w j x L Hj), Pj; reflexivity. }
  replace (lambda / w i * (lambda / w j))
    with (lambda / w j * (w j * a + b) + (w j * (lambda / w j) - lambda) * a)
    by (rewrite V; field; auto).
  apply affine_product.
Qed.

(** ** The largest eigenvalue of h h^T is |h|^2 (Cauchy-Schwarz) *)

Lemma Sum_plus : forall a b n, Sum (fun i => a i + b i) n = Sum a n + Sum b n.
Proof. induction n as [|n IH]; cbn [Sum]; [|rewrite IH]; ring. Qed.

Lemma Sum_pos : forall a n k, (k < n)%nat -> (forall i, (i < n)%nat -> 0 <= a i) ->
  0 < a k -> 0 < Sum a n.
Proof.
  intros a n k Hk H P; destruct (Sum_nonneg a n H) as [|Z]; auto; exfalso.
  rewrite (Sum_zero a n H (eq_sym Z) k Hk) in P; lra.
Qed.

Lemma cauchy_schwarz : forall a b n,
  Sum (fun i => a i * b i) n ^ 2 <= Sum (fun i => a i ^ 2) n * Sum (fun i => b i ^ 2) n.
Proof.
  intros a b n.
  set (AA := Sum (fun i => a i ^ 2) n); set (BB := Sum (fun i => b i ^ 2) n).
  set (AB := Sum (fun i => a i * b i) n).
  assert (A0 : 0 <= AA) by (apply Sum_nonneg; intros; apply pow2_ge_0).
  (* 0 <= |AA b - AB a|^2 = AA (AA BB - AB^2) *)
  assert (E : Sum (fun i => (AA * b i - AB * a i) ^ 2) n = AA * (AA * BB - AB ^ 2)).
  { rewrite (Sum_ext _ (fun i => AA ^ 2 * b i ^ 2 + ((-2 * AA * AB) * (a i * b i)
                                 + AB ^ 2 * a i ^ 2))) by (intros; ring).
    rewrite !Sum_plus, !Sum_scal; fold AA BB AB; ring. }
  assert (P : 0 <= AA * (AA * BB - AB ^ 2))
    by (rewrite <- E; apply Sum_nonneg; intros; apply pow2_ge_0).
  destruct A0 as [A0|A0]; [nra|].
  assert (Z : AB = 0).
  { unfold AB; rewrite (Sum_ext _ (fun i => 0 * b i)); [rewrite Sum_scal; ring|].
    intros i Hi; f_equal.
    assert (Q := Sum_zero (fun i => a i ^ 2) n ltac:(intros; apply pow2_ge_0) (eq_sym A0) i Hi).
    cbn beta in Q; nra. }
  rewrite Z, <- A0; lra.
Qed.

Lemma outer_eigen : forall h n, (exists i, (i < n)%nat /\ h i <> 0) ->
  largest_eigenvalue (fun i j => h i * h j) n (Sum (fun i => h i ^ 2) n).
Proof.
  intros h n Hh; split.
  - exists h; split; [exact Hh|]; intros i _; rewrite Rmult_comm, <- Sum_scal.
    apply Sum_ext; intros; ring.
  - intros m x [[k [Hk Nk]] E].
    set (hx := Sum (fun j => h j * x j) n).
    assert (E' : forall i, (i < n)%nat -> h i * hx = m * x i).
    { intros i Hi; rewrite <- E by exact Hi; unfold hx; rewrite <- Sum_scal.
      apply Sum_ext; intros; ring. }
    assert (Q : hx * hx = m * Sum (fun i => x i ^ 2) n).
    { unfold hx at 1; rewrite Rmult_comm, <- !Sum_scal; apply Sum_ext; intros i Hi.
      replace (hx * (h i * x i)) with (h i * hx * x i) by ring; rewrite E' by exact Hi; ring. }
    assert (CS := cauchy_schwarz h x n); fold hx in CS.
    assert (X : 0 < Sum (fun i => x i ^ 2) n).
    { apply Sum_pos with k; [exact Hk|intros; apply pow2_ge_0|].
      assert (0 <= x k ^ 2) by apply pow2_ge_0.
      assert (x k ^ 2 <> 0) by (apply pow_nonzero; exact Nk); lra. }
    apply Rmult_le_reg_r with (Sum (fun i => x i ^ 2) n); [exact X|]; rewrite <- Q; nra.
Qed.

(** The inverse squares of the weights, times lambda^2. *)
Lemma h_squares : forall L lambda w, lambda <> 0 -> Prod w L = lambda ->
  Sum (fun i => (lambda / w i) ^ 2) L = lambda ^ 2 * Sum (fun i => / w i ^ 2) L.
Proof.
  intros L lambda w N E; rewrite <- Sum_scal; apply Sum_ext; intros i Hi.
  field; apply (Prod_nonzero_factor w L i Hi); rewrite E; exact N.
Qed.

Theorem cor1_sharpness : forall L lambda w, (1 <= L)%nat -> lambda <> 0 -> Prod w L = lambda ->
  sharpness (chain_loss L lambda) w L (lambda ^ 2 * Sum (fun i => / w i ^ 2) L).
Proof.
  intros L lambda w HL N E; rewrite <- h_squares by assumption.
  exists (fun i j => lambda / w i * (lambda / w j)); split.
  - intros; apply chain_hessian; assumption.
  - apply (outer_eigen (fun i => lambda / w i)); exists O; split; [lia|].
    apply Rmult_integral_contrapositive_currified; [exact N|].
    apply Rinv_neq_0_compat, (Prod_nonzero_factor w L); [lia|rewrite E; exact N].
Qed.

(** ** The threshold *)

Lemma Prod_div_sq : forall lambda w n, (forall i, (i < n)%nat -> w i <> 0) ->
  Prod (fun i => (lambda / w i) ^ 2) n * Prod w n ^ 2 = lambda ^ (2 * n).
Proof.
  induction n as [|n IH]; intros H; [cbn; ring|].
  replace (2 * S n)%nat with (2 + 2 * n)%nat by lia.
  rewrite pow_add, <- IH by (intros; apply H; lia); cbn [Prod]; field; apply H; lia.
Qed.

Lemma Rinv_inj : forall x y, / x = / y -> x = y.
Proof. intros x y H; rewrite <- (Rinv_inv x), H; apply Rinv_inv. Qed.

Lemma abs_pow2 : forall x, Rabs x ^ 2 = x ^ 2.
Proof. intros; apply even_pow_abs; exists 1%nat; reflexivity. Qed.

(** (sharpness / L)^L >= |lambda|^(2(L-1)), with equality exactly when balanced. *)
Lemma sharpness_pow : forall L lambda w, (1 <= L)%nat -> lambda <> 0 -> Prod w L = lambda ->
  let m := lambda ^ 2 * Sum (fun i => / w i ^ 2) L in
  balanced_sharpness L (Rabs lambda) <= m /\
  (m = balanced_sharpness L (Rabs lambda) <->
   forall i j, (i < L)%nat -> (j < L)%nat -> Rabs (w i) = Rabs (w j)).
Proof.
  intros L lambda w HL N E m.
  assert (W : forall i, (i < L)%nat -> w i <> 0)
    by (intros i Hi; apply (Prod_nonzero_factor w L i Hi); rewrite E; exact N).
  assert (Nn : 0 < INR L) by (apply lt_0_INR; lia).
  assert (Pl : 0 < Rabs lambda) by (apply Rabs_pos_lt; exact N).
  set (a := fun i => (lambda / w i) ^ 2).
  assert (A0 : forall i, (i < L)%nat -> 0 <= a i) by (intros; apply pow2_ge_0).
  assert (Ma : m = Sum a L) by (unfold m, a; rewrite h_squares; auto).
  set (T := root L (Rabs lambda) ^ (2 * (L - 1))).
  assert (T0 : 0 < T) by (apply pow_lt, root_pos).
  (* the product of the a_i is T^L *)
  assert (Pa : Prod a L = T ^ L).
  { unfold T; rewrite <- pow_mult, Nat.mul_comm, pow_mult, root_pow by assumption.
    assert (Q := Prod_div_sq lambda w L W); fold a in Q; rewrite E in Q.
    apply Rmult_eq_reg_r with (lambda ^ 2); [|apply pow_nonzero; exact N].
    rewrite Q, <- (abs_pow2 lambda), <- pow_add.
    replace (2 * (L - 1) + 2)%nat with (2 * L)%nat by lia.
    rewrite !pow_mult, abs_pow2; reflexivity. }
  rewrite <- root_sharpness by assumption; fold T.
  destruct (amgm a L HL A0) as [I J].
  assert (M0 : 0 <= Sum a L / INR L).
  { apply Rmult_le_pos; [apply Sum_nonneg; exact A0|left; apply Rinv_0_lt_compat, Nn]. }
  assert (Mm : m = INR L * (Sum a L / INR L)) by (rewrite Ma; field; lra).
  assert (TL : T <= Sum a L / INR L).
  { destruct (Rle_lt_dec T (Sum a L / INR L)) as [|C]; auto; exfalso.
    assert (H := pow_lt_mono _ _ L (conj M0 C) HL); lra. }
  split; [rewrite Mm; apply Rmult_le_compat_l; lra|].
  assert (B : (forall i j, (i < L)%nat -> (j < L)%nat -> a i = a j) <->
              (forall i j, (i < L)%nat -> (j < L)%nat -> Rabs (w i) = Rabs (w j))).
  { assert (Ab : forall i, (i < L)%nat -> a i = (Rabs lambda / Rabs (w i)) ^ 2).
    { intros i Hi; unfold a; rewrite <- abs_pow2; unfold Rdiv.
      rewrite Rabs_mult, Rabs_inv; reflexivity. }
    split; intros H i j Hi Hj.
    - specialize (H i j Hi Hj); rewrite !Ab in H by assumption.
      assert (Pi : 0 < Rabs (w i)) by (apply Rabs_pos_lt; auto).
      assert (Pj : 0 < Rabs (w j)) by (apply Rabs_pos_lt; auto).
      apply pow_inj in H; try lia; try (left; apply Rdiv_lt_0_compat; assumption).
      apply Rinv_inj; apply Rmult_eq_reg_l with (Rabs lambda); [exact H|lra].
    - rewrite !Ab, (H i j) by assumption; reflexivity. }
  rewrite <- B, <- J, Pa; split; intros H.
  - f_equal; apply Rmult_eq_reg_l with (INR L); lra.
  - rewrite Mm; f_equal; symmetry; apply pow_inj with L; auto; lra.
Qed.

Theorem cor1_threshold : forall L lambda w, (1 <= L)%nat -> lambda <> 0 -> Prod w L = lambda ->
  2 / (lambda ^ 2 * Sum (fun i => / w i ^ 2) L) <= 2 / balanced_sharpness L (Rabs lambda).
Proof.
  intros L lambda w HL N E; destruct (sharpness_pow L lambda w HL N E) as [I _].
  assert (P := sharpness_pos L (Rabs lambda) HL).
  apply Rmult_le_compat_l; [lra|]; apply Rinv_le_contravar; assumption.
Qed.

Theorem cor1_equality : forall L lambda w, (1 <= L)%nat -> lambda <> 0 -> Prod w L = lambda ->
  (2 / (lambda ^ 2 * Sum (fun i => / w i ^ 2) L) = 2 / balanced_sharpness L (Rabs lambda) <->
   forall i j, (i < L)%nat -> (j < L)%nat -> Rabs (w i) = Rabs (w j)).
Proof.
  intros L lambda w HL N E; destruct (sharpness_pow L lambda w HL N E) as [I J].
  assert (P := sharpness_pos L (Rabs lambda) HL).
  rewrite <- J; split; intros H; [|rewrite H; reflexivity].
  apply Rmult_eq_reg_l in H; [|lra]; apply Rinv_inj; exact H.
Qed.

(** Beyond the bound every minimum is linearly unstable. *)
Theorem cor1_unstable : forall L lambda delta w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda -> 2 / balanced_sharpness L (Rabs lambda) < delta ->
  exists m, sharpness (chain_loss L lambda) w L m /\ 1 - delta * m < -1.
Proof.
  intros L lambda delta w HL N E Hd; destruct (sharpness_pow L lambda w HL N E) as [I _].
  assert (P := sharpness_pos L (Rabs lambda) HL).
  eexists; split; [apply cor1_sharpness; assumption|].
  assert (2 < delta * balanced_sharpness L (Rabs lambda)).
  { apply (Rmult_lt_compat_r (balanced_sharpness L (Rabs lambda))) in Hd; [|exact P].
    replace (2 / balanced_sharpness L (Rabs lambda) * balanced_sharpness L (Rabs lambda))
      with 2 in Hd by (field; lra); exact Hd. }
  assert (0 < delta) by (apply Rlt_trans with (2 := Hd), Rdiv_lt_0_compat; lra); nra.
Qed.

(** Beyond the bound, a run from equal weights converges to the minimum only by landing on it
    exactly: the distance to t is multiplied by mu, and mu(t) < -1. *)
Lemma cv_const : forall a, Un_cv (fun _ => a) a.
Proof. intros a eps He; exists O; intros; rewrite R_dist_eq; exact He. Qed.

Lemma pow_cv : forall u l n, Un_cv u l -> Un_cv (fun k => u k ^ n) (l ^ n).
Proof.
  intros u l n H; induction n as [|n IH]; cbn [pow]; [apply cv_const|apply CV_mult; assumption].
Qed.

Lemma geo_cv : forall L t u l, Un_cv u l -> Un_cv (fun k => geo L t (u k)) (geo L t l).
Proof.
  intros L t u l H; induction L as [|L IH]; [exact (cv_const 0)|].
  rewrite geo_S; apply Un_cv_ext with (fun k => u k ^ L + t * geo L t (u k)).
  - intros; rewrite geo_S; reflexivity.
  - apply CV_plus; [apply pow_cv, H|apply cv_scal, IH].
Qed.

Theorem cor1_must_land : forall L lambda delta w x, (1 <= L)%nat -> 0 < lambda ->
  2 / balanced_sharpness L lambda < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = x) ->
  Un_cv (fun k => w k O) (root L lambda) ->
  exists k, forall i, (i < L)%nat -> w k i = root L lambda.
Proof.
  intros L lambda delta w x HL Hl Hd D H0 Cv; set (t := root L lambda) in *.
  assert (P := sharpness_pos L lambda HL).
  set (u := fun k => iter (chain_step L lambda delta) k x).
  assert (W : forall k i, (i < L)%nat -> w k i = u k)
    by (intros; apply (chain_descent L lambda); auto).
  assert (Cu : Un_cv u t) by (apply Un_cv_ext with (2 := Cv); intros; apply W; lia).
  assert (Mt : mu L t delta t < -1).
  { unfold mu; rewrite slope_root by exact HL; unfold t; rewrite root_sharpness by assumption.
    apply (Rmult_lt_compat_r (balanced_sharpness L lambda)) in Hd; [|exact P].
    replace (2 / balanced_sharpness L lambda * balanced_sharpness L lambda) with 2 in Hd
      by (field; lra); lra. }
  assert (Cm : Un_cv (fun k => mu L t delta (u k)) (mu L t delta t)).
  { unfold mu; apply CV_minus; [apply cv_const|]; apply cv_scal.
    apply (CV_mult (fun k => u k ^ (L - 1)) (fun k => geo L t (u k)));
      [apply pow_cv, Cu|apply geo_cv, Cu]. }
  destruct (Cm (-1 - mu L t delta t)) as [N HN]; [lra|].
  assert (St : forall k, (k >= N)%nat -> Rabs (u k - t) <= Rabs (u (S k) - t)).
  { intros k Hk; specialize (HN k Hk); unfold R_dist in HN; apply Rabs_def2 in HN.
    unfold u at 2; cbn [iter].
    rewrite (step_factor L lambda delta t) by (apply root_pow; assumption).
    fold (u k); rewrite Rabs_mult, (Rabs_left (mu _ _ _ _)) by lra.
    assert (Q := Rabs_pos (u k - t)); nra. }
  assert (Gr : forall j, Rabs (u N - t) <= Rabs (u (j + N)%nat - t)).
  { induction j as [|j IH]; cbn [plus]; [lra|]; apply Rle_trans with (1 := IH), St; lia. }
  exists N; intros i Hi; rewrite W by exact Hi.
  destruct (Req_dec (u N) t) as [|Ne]; auto; exfalso.
  assert (Q : 0 < Rabs (u N - t)) by (apply Rabs_pos_lt; lra).
  destruct (Cu _ Q) as [M HM]; specialize (HM (M + N)%nat ltac:(lia)); specialize (Gr M).
  unfold R_dist in HM; lra.
Qed.

(** Corollary 2: the admissible step bounds |lambda|. *)
Theorem cor2 : forall L lambda delta, (2 <= L)%nat -> 0 < lambda -> 0 < delta ->
  (delta <= 2 / balanced_sharpness L lambda <->
   lambda <= Rpower (2 / (INR L * delta)) (INR L / (2 * INR L - 2))).
Proof.
  intros L lambda delta HL Hl Hd.
  assert (L2 : 2 <= INR L) by (apply (le_INR 2); exact HL).
  unfold balanced_sharpness; set (e := 2 * (INR L - 1) / INR L).
  assert (e0 : 0 < e) by (apply Rdiv_lt_0_compat; lra).
  replace (INR L / (2 * INR L - 2)) with (/ e) by (unfold e; field; lra).
  set (z := 2 / (INR L * delta)).
  assert (z0 : 0 < z) by (apply Rdiv_lt_0_compat; [lra|apply Rmult_lt_0_compat; lra]).
  assert (P : 0 < Rpower lambda e) by apply exp_pos.
  assert (St : delta <= 2 / (INR L * Rpower lambda e) <-> Rpower lambda e <= z).
  { unfold z; split; intros H.
    - apply Rmult_le_reg_r with (INR L * delta); [apply Rmult_lt_0_compat; lra|].
      apply (Rmult_le_compat_r (INR L * Rpower lambda e)) in H;
        [|left; apply Rmult_lt_0_compat; lra].
      replace (2 / (INR L * Rpower lambda e) * (INR L * Rpower lambda e)) with 2 in H
        by (field; lra).
      replace (2 / (INR L * delta) * (INR L * delta)) with 2 by (field; lra); lra.
    - apply Rmult_le_reg_r with (INR L * Rpower lambda e); [apply Rmult_lt_0_compat; lra|].
      apply (Rmult_le_compat_r (INR L * delta)) in H; [|left; apply Rmult_lt_0_compat; lra].
      replace (2 / (INR L * delta) * (INR L * delta)) with 2 in H by (field; lra).
      replace (2 / (INR L * Rpower lambda e) * (INR L * Rpower lambda e)) with 2
        by (field; lra); lra. }
  rewrite St.
  assert (Inv : Rpower (Rpower lambda e) (/ e) = lambda)
    by (rewrite Rpower_mult, Rinv_r, Rpower_1 by lra; reflexivity).
  assert (Inv' : Rpower (Rpower z (/ e)) e = z)
    by (rewrite Rpower_mult, Rinv_l, Rpower_1 by lra; reflexivity).
  assert (0 < / e) by (apply Rinv_0_lt_compat; exact e0).
  split; intros H0.
  - rewrite <- Inv; apply Rle_Rpower_l; lra.
  - rewrite <- Inv'; apply Rle_Rpower_l; lra.
Qed.
