(** Tools: finite products and sums, powers, and the ways from one step to all steps.

    Proves:
    - rules for [put], [Prod] and [Sum];
    - [geometric_cv]: a distance below b^k C with b < 1 tends to 0;
    - [contract]: if f x - t = m x (x - t) with 0 <= m <= b between the start and t, then
      |f^k x0 - t| <= b^k |x0 - t|;
    - [modulus_converges], [modulus_diverges]: if |f x| = |1 - c|x|| |x| with
      c increasing, then f^k x0 -> 0 for c|x0| < 2 and |f^k x0| -> infinity for c|x0| > 2;
    - [modulus_sublinear]: if moreover c 0 = 0, no geometric rate holds;
    - powers: [pow_lt_inv], [pow_inj], [even_pow_abs].

    Notation: see Definitions.v. *)

Require Import Reals Lra Lia Psatz.
From Symgd Require Import Definitions.
Local Open Scope R_scope.

(** ** Products and sums *)

Lemma put_same : forall w i x, put w i x i = x.
Proof. intros; unfold put; rewrite Nat.eqb_refl; reflexivity. Qed.

Lemma put_other : forall w i x j, j <> i -> put w i x j = w j.
Proof. intros w i x j H; unfold put; apply Nat.eqb_neq in H; rewrite H; reflexivity. Qed.

Lemma put_self : forall w i j, put w i (w i) j = w j.
Proof. intros w i j; unfold put; destruct (Nat.eqb_spec j i) as [->|]; reflexivity. Qed.

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
  apply Prod_ext; intros j _; symmetry; apply put_self.
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

(** ** Powers *)

Lemma pow_lt_mono : forall x y n, 0 <= x < y -> (1 <= n)%nat -> x ^ n < y ^ n.
Proof.
  intros x y [|n] H Hn; [lia|]; cbn [pow].
  assert (x ^ n <= y ^ n) by (apply pow_incr; lra).
  assert (0 < y ^ n) by (apply pow_lt; lra).
  assert (0 <= x ^ n) by (apply pow_le; lra); nra.
Qed.

Lemma pow_lt_inv : forall x y n, 0 <= x -> 0 <= y -> x ^ n < y ^ n -> x < y.
Proof.
  intros x y n Hx Hy H; destruct (Rlt_le_dec x y) as [|C]; auto.
  assert (y ^ n <= x ^ n) by (apply pow_incr; lra); lra.
Qed.

Lemma pow_inj : forall x y n, 0 <= x -> 0 <= y -> (1 <= n)%nat -> x ^ n = y ^ n -> x = y.
Proof.
  intros x y n Hx Hy Hn H.
  destruct (Rtotal_order x y) as [C|[C|C]]; auto; exfalso.
  - assert (x ^ n < y ^ n) by (apply pow_lt_mono; auto); lra.
  - assert (y ^ n < x ^ n) by (apply pow_lt_mono; auto); lra.
Qed.

Lemma even_pow_abs : forall x n, Nat.Even n -> Rabs x ^ n = x ^ n.
Proof.
  intros x n [m ->]; rewrite !pow_mult; f_equal.
  replace (Rabs x ^ 2) with (Rabs x * Rabs x) by ring.
  rewrite <- Rabs_mult, Rabs_right; [ring|]; apply Rle_ge, Rle_0_sqr.
Qed.

Lemma even_pow_opp : forall x n, Nat.Even n -> (- x) ^ n = x ^ n.
Proof.
  intros x n H; rewrite <- (even_pow_abs (- x)), <- (even_pow_abs x) by exact H.
  rewrite Rabs_Ropp; reflexivity.
Qed.

Lemma even_pred2 : forall n, Nat.Even n -> (2 <= n)%nat -> Nat.Even (n - 2).
Proof. intros n [m E] H; exists (m - 1)%nat; lia. Qed.

(** ** Iteration *)

Lemma iter_shift : forall f k y, iter f (S k) y = iter f k (f y).
Proof. induction k as [|k IH]; intros y; auto; cbn [iter] in *; rewrite IH; reflexivity. Qed.

Lemma iter_add : forall f j k y, iter f (j + k) y = iter f j (iter f k y).
Proof. induction j as [|j IH]; intros k y; cbn [iter plus]; auto; rewrite IH; reflexivity. Qed.

Lemma cv_scal : forall a u l, Un_cv u l -> Un_cv (fun k => a * u k) (a * l).
Proof.
  intros a u l H; apply (CV_mult (fun _ => a)); [|exact H].
  intros eps He; exists O; intros n _; rewrite R_dist_eq; exact He.
Qed.

Lemma cv_abs_0 : forall u, Un_cv (fun k => Rabs (u k)) 0 -> Un_cv u 0.
Proof.
  intros u H eps He; destruct (H eps He) as [N HN]; exists N; intros n Hn.
  specialize (HN n Hn); unfold R_dist in *.
  rewrite Rminus_0_r in *; rewrite Rabs_Rabsolu in HN; exact HN.
Qed.

Lemma cv_tail : forall f k x l,
  Un_cv (fun n => iter f n (iter f k x)) l -> Un_cv (fun n => iter f n x) l.
Proof.
  intros f k x l H; apply CV_shift with k.
  apply Un_cv_ext with (2 := H); intros n; symmetry; apply iter_add.
Qed.

(** ** Geometric bounds *)

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

Lemma contract_above : forall (f m : R -> R) t b x0, x0 <= t -> b <= 1 ->
  (forall x, f x - t = m x * (x - t)) ->
  (forall x, x0 <= x <= t -> 0 <= m x <= b) ->
  forall k, x0 <= iter f k x0 <= t /\ t - iter f k x0 <= b ^ k * (t - x0).
Proof.
  intros f m t b x0 H0 Hb F M; induction k as [|k [I B]]; cbn [iter pow].
  - lra.
  - set (x := iter f k x0) in *.
    assert (Fx := F x); assert (Mx := M x I); assert (b0 : 0 <= b) by lra.
    assert (t - f x <= b * (t - x)) by nra.
    assert (b * (t - x) <= b * (b ^ k * (t - x0))) by (apply Rmult_le_compat_l; assumption).
    repeat split; nra.
Qed.

(** Between the start and t the orbit moves towards t, by a factor of at most b a step. *)
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
    assert (E : forall j, iter f' j (- x0) = - iter f j x0).
    { induction j as [|j IH]; cbn [iter]; [reflexivity|].
      rewrite IH; unfold f'; rewrite Ropp_involutive; reflexivity. }
    destruct (contract_above f' (fun x => m (- x)) (- t) b (- x0)) with (k := k) as [I B].
    + lra.
    + exact Hb.
    + intros x; unfold f'; assert (Fx := F (- x)); lra.
    + intros x Hx; apply M; right; lra.
    + rewrite E in I, B; rewrite !Rabs_right by lra; lra.
Qed.

(** ** Maps whose modulus is a map: |f x| = |1 - c|x|| |x| *)

Section Modulus.

Variables (f c : R -> R) (inv : R -> Prop) (x0 : R).
(** The identity is needed only on an invariant set that holds the start. *)
Hypothesis inv_start : inv x0.
Hypothesis inv_step : forall x, inv x -> inv (f x).
Hypothesis modulus : forall x, inv x -> Rabs (f x) = Rabs (1 - c (Rabs x)) * Rabs x.
Hypothesis c_pos : forall r, 0 < r -> 0 < c r.
Hypothesis c_mono : forall r r', 0 <= r <= r' -> c r <= c r'.
Hypothesis c_cont : forall r, continuity_pt c r.

Lemma inv_iter : forall k, inv (iter f k x0).
Proof. induction k as [|k IH]; cbn [iter]; auto. Qed.

Lemma modulus_decreasing : c (Rabs x0) < 2 -> forall k,
  Rabs (iter f k x0) <= Rabs x0 /\ Rabs (iter f (S k) x0) <= Rabs (iter f k x0).
Proof.
  intros H0.
  assert (St : forall x, inv x -> Rabs x <= Rabs x0 -> Rabs (f x) <= Rabs x).
  { intros x Hx Bx; rewrite modulus by exact Hx; assert (P := Rabs_pos x).
    destruct P as [P|<-]; [|lra].
    assert (C := c_pos _ P).
    assert (M : c (Rabs x) <= c (Rabs x0)) by (apply c_mono; lra).
    rewrite <- (Rmult_1_l (Rabs x)) at 3; apply Rmult_le_compat_r; [lra|].
    apply Rabs_le; lra. }
  induction k as [|k [I J]].
  - cbn [iter]; split; [lra|apply St; [exact inv_start|lra]].
  - assert (B : Rabs (iter f (S k) x0) <= Rabs x0) by lra.
    split; [exact B|apply St; [apply inv_iter|exact B]].
Qed.

(** |x_k| decreases; its limit l has l = |1 - c l| l with c l < 2, so l = 0. *)
Lemma modulus_converges : c (Rabs x0) < 2 -> Un_cv (fun k => iter f k x0) 0.
Proof.
  intros H0; apply cv_abs_0.
  set (u := fun k => Rabs (iter f k x0)).
  assert (D : Un_decreasing u) by (intros k; apply (modulus_decreasing H0)).
  assert (U : forall k, 0 <= u k) by (intros; apply Rabs_pos).
  assert (B : has_lb u).
  { exists 0; intros y [k ->]; unfold opp_seq; assert (P := U k); lra. }
  destruct (decreasing_cv u D B) as [l Hl].
  assert (Hu : forall k, l <= u k) by (apply decreasing_ineq; assumption).
  assert (Hl0 : 0 <= l).
  { destruct (Rle_lt_dec 0 l) as [|N]; auto.
    destruct (Hl (- l)) as [n Hn]; [lra|]; specialize (Hn n (le_n _)); specialize (U n).
    unfold R_dist in Hn; rewrite Rabs_right in Hn; lra. }
  destruct Hl0 as [Hp|<-]; [exfalso|exact Hl].
  set (phi := fun r => Rabs (1 - c r) * r).
  assert (F : phi l = l).
  { apply UL_sequence with (fun k => u (S k)).
    - apply Un_cv_ext with (fun k => phi (u k)).
      + intros k; unfold u; cbn [iter]; rewrite modulus by apply inv_iter; reflexivity.
      + apply continuity_seq; [|exact Hl]; unfold phi.
        apply (continuity_pt_mult (fun r => Rabs (1 - c r)) id).
        * apply (continuity_pt_comp (fun r => 1 - c r) Rabs); [|apply Rcontinuity_abs].
          apply continuity_pt_minus; [apply continuity_pt_const; intros a b; reflexivity|].
          apply c_cont.
        * apply derivable_continuous_pt, derivable_pt_id.
    - intros eps He; destruct (Hl eps He) as [N HN]; exists N; intros n Hn; apply HN; lia. }
  assert (C0 := c_pos l Hp); assert (C1 : l <= Rabs x0) by exact (Hu O).
  assert (C2 : c l <= c (Rabs x0)) by (apply c_mono; lra).
  unfold phi in F; assert (Rabs (1 - c l) < 1) by (apply Rabs_def1; lra); nra.
Qed.

Lemma modulus_grows : 2 < c (Rabs x0) -> forall k,
  (c (Rabs x0) - 1) ^ k * Rabs x0 <= Rabs (iter f k x0).
Proof.
  intros H0; set (q := c (Rabs x0) - 1).
  assert (X := Rabs_pos x0); assert (Q : 1 < q) by (unfold q; lra).
  induction k as [|k IH]; [cbn [iter pow]; lra|].
  assert (G : 1 <= q ^ k) by (apply pow_R1_Rle; lra).
  assert (M : c (Rabs x0) <= c (Rabs (iter f k x0))).
  { apply c_mono; split; [exact X|]; apply Rle_trans with (2 := IH); nra. }
  cbn [iter pow]; rewrite modulus by apply inv_iter; rewrite Rmult_assoc.
  apply Rmult_le_compat; [lra| | |exact IH].
  - apply Rmult_le_pos; lra.
  - unfold q; rewrite (Rabs_left (1 - _)); lra.
Qed.

Lemma modulus_diverges : 2 < c (Rabs x0) -> x0 <> 0 ->
  cv_infty (fun k => Rabs (iter f k x0)).
Proof.
  intros H0 N0 M; assert (X : 0 < Rabs x0) by (apply Rabs_pos_lt; exact N0).
  destruct (Pow_x_infinity (c (Rabs x0) - 1)) with (b := Rmax 0 M / Rabs x0 + 1) as [N HN].
  - rewrite Rabs_right; lra.
  - exists N; intros n Hn; specialize (HN n Hn).
    rewrite Rabs_right in HN by (apply Rle_ge, pow_le; lra).
    apply Rlt_le_trans with (2 := modulus_grows H0 n).
    apply Rge_le in HN; apply (Rmult_le_compat_r (Rabs x0)) in HN; [|lra].
    apply Rlt_le_trans with (2 := HN).
    assert (Mx := Rmax_r 0 M).
    replace ((Rmax 0 M / Rabs x0 + 1) * Rabs x0) with (Rmax 0 M + Rabs x0) by (field; lra); lra.
Qed.

(** When c 0 = 0 the factor tends to 1, so the convergence is slower than every geometric
    sequence (unless the orbit hits 0). *)
Lemma modulus_sublinear : c (Rabs x0) < 2 -> c 0 = 0 -> (forall k, iter f k x0 <> 0) ->
  forall b C, 0 <= b < 1 -> exists k, C * b ^ k < Rabs (iter f k x0).
Proof.
  intros H0 Z N0 b C Hb.
  set (u := fun k => Rabs (iter f k x0)).
  assert (U : forall k, 0 < u k) by (intros; apply Rabs_pos_lt, N0).
  assert (Cv : Un_cv u 0).
  { intros eps He; destruct (modulus_converges H0 eps He) as [N HN]; exists N; intros n Hn.
    specialize (HN n Hn); unfold R_dist, u in *.
    rewrite Rminus_0_r in *; rewrite Rabs_Rabsolu; exact HN. }
  set (q := (1 + b) / 2).
  destruct (continuity_seq c u 0 (c_cont 0) Cv (1 - q)) as [N HN]; [unfold q; lra|].
  assert (St : forall n, (n >= N)%nat -> q * u n <= u (S n)).
  { intros n Hn; specialize (HN n Hn); unfold R_dist in HN; rewrite Z, Rminus_0_r in HN.
    assert (P := c_pos _ (U n)); rewrite Rabs_right in HN by lra.
    unfold u at 2; cbn [iter]; rewrite modulus by apply inv_iter; fold (u n).
    apply Rmult_le_compat_r; [left; apply U|]; rewrite Rabs_right by (unfold q in *; lra); lra. }
  assert (G : forall j, q ^ j * u N <= u (j + N)%nat).
  { induction j as [|j IH]; cbn [pow plus]; [lra|].
    apply Rle_trans with (q * u (j + N)%nat); [|apply St; lia].
    rewrite Rmult_assoc; apply Rmult_le_compat_l; [unfold q; lra|exact IH]. }
  (* C b^(j+N) < q^j u_N for large j, as b/q < 1 *)
  assert (D : 0 < Rabs C * b ^ N + 1).
  { assert (0 <= Rabs C * b ^ N); [|lra].
    apply Rmult_le_pos; [apply Rabs_pos|apply pow_le; lra]. }
  destruct (pow_lt_1_zero (b / q)) with (y := u N / (Rabs C * b ^ N + 1)) as [M HM].
  - rewrite Rabs_right;
      [|apply Rle_ge, Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; unfold q; lra]].
    apply Rmult_lt_reg_r with q; [unfold q; lra|].
    replace (b / q * q) with b by (field; unfold q; lra); unfold q; lra.
  - apply Rdiv_lt_0_compat; auto.
  - exists (M + N)%nat; fold (u (M + N)%nat); apply Rlt_le_trans with (2 := G M).
    specialize (HM M (le_n _)); apply Rle_lt_trans with (1 := Rle_abs _) in HM.
    assert (Q : 0 < q ^ M) by (apply pow_lt; unfold q; lra).
    assert (E : b ^ M = (b / q) ^ M * q ^ M).
    { rewrite <- Rpow_mult_distr; f_equal; field; unfold q; lra. }
    assert (B0 : 0 <= (b / q) ^ M).
    { apply pow_le, Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; unfold q; lra]. }
    rewrite pow_add, E.
    assert (F : (b / q) ^ M * (Rabs C * b ^ N + 1) < u N).
    { apply (Rmult_lt_compat_r (Rabs C * b ^ N + 1)) in HM; [|exact D].
      replace (u N / (Rabs C * b ^ N + 1) * (Rabs C * b ^ N + 1)) with (u N) in HM by (field; lra).
      exact HM. }
    assert (BN : 0 <= b ^ N) by (apply pow_le; lra).
    assert (CA : C * b ^ N <= Rabs C * b ^ N)
      by (apply Rmult_le_compat_r; [exact BN|apply Rle_abs]).
    apply Rle_lt_trans with (q ^ M * ((b / q) ^ M * (C * b ^ N))); [right; ring|].
    apply Rmult_lt_compat_l; [exact Q|]; apply Rle_lt_trans with (2 := F).
    apply Rmult_le_compat_l; lra.
Qed.

End Modulus.
